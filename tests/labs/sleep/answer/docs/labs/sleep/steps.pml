// steps.pml - the steps of kernel/fs/pipe.c, for tests/labs/sleep/pipe.pml;
// with -DBUG, as they were handed out.

#define MISTAKE 1

// Up to n bytes, when there are some or never will be.
inline read_step(n, got)
{
  lock();
  do
  :: count == 0 && is_open -> sleep_on(FOR_DATA)
  :: else -> break
  od;
  got = MIN(count, n);
  count = count - got;
  if
  :: SIZE - count >= want ->
     want = SIZE + 1;
     wake_all(FOR_ROOM)
  :: else
  fi;
  unlock()
}

// All n bytes at once, when there is room.
inline write_step(n)
{
  lock();
  do
  :: SIZE - count < n ->
#if defined(BUG) && MISTAKE == 2
     want = n;
#else
     want = MIN(want, n);
#endif
     sleep_on(FOR_ROOM)
  :: else -> break
  od;
  count = count + n;
#if defined(BUG) && MISTAKE == 1
  wake_one(FOR_DATA);
#else
  wake_all(FOR_DATA);
#endif
  unlock()
}

inline close_step()
{
  lock();
  is_open = 0;
#if defined(BUG) && MISTAKE == 3
  wake_one(FOR_DATA);
#else
  wake_all(FOR_DATA);
#endif
  unlock()
}
