// steps.pml - lab sleep, part 2: the steps of kernel/fs/pipe.c, for
// tests/labs/sleep/pipe.pml, which has the lock, the wait queues and the
// processes. With -DBUG they are those that you were handed out; without, those
// that are right.
//
// You have: lock(), unlock(), sleep_on(q), wake_one(q), wake_all(q), with q
// FOR_DATA or FOR_ROOM; count, want, is_open, SIZE, MIN(a, b).

// Wait until there is something to read or never will be; take up to n bytes,
// and leave in got how many.
inline read_step(n, got)
{
  skip
}

// Wait until there is room for n bytes, and put all of them in.
inline write_step(n)
{
  skip
}

inline close_step()
{
  skip
}
