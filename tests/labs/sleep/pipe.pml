// pipe.pml - lab sleep: a pipe with two ends, for spin. The steps of kernel/
// fs/pipe.c are the student's, docs/labs/sleep/steps.pml; here are the locks,
// wait queues and processes that they stand on.
//
//   READERS  two readers want a byte each, a writer writes two at once
//   WRITERS  the pipe is full; one wants to write a byte, one three; the reader
//            takes a byte, and the next when the first writer is done
//   CLOSE    two readers read to the end; a writer writes a byte and closes
//
// A wake-up that is lost leaves somebody asleep: an invalid end state.
// NO_LOCK and WAKE_NONE take away what the steps must rest on.
//
// holds: -DREADERS
// holds: -DWRITERS
// holds: -DCLOSE
// wrong: -DREADERS -DNO_LOCK
// wrong: -DREADERS -DWAKE_NONE

#define SIZE 4 // bytes in the pipe, at most
#define N    3 // processes

// Wait queues.
#define FOR_DATA 0 // readers
#define FOR_ROOM 1 // writers

#define MIN(a, b) ((a) < (b) -> (a) : (b))

bit locked;           // the pipe's lock; it guards all below
byte count;           // bytes in the pipe
byte want = SIZE + 1; // least room that a sleeping writer needs
bit is_open = 1;      // somebody may still write
bit asleep[2 * N];    // process p on queue q: asleep[q * N + p]

byte nwritten, nread, done;
bit first_done;

inline lock()
{
#ifdef NO_LOCK
  skip
#else
  atomic { !locked -> locked = 1 }
#endif
}

inline unlock()
{
#ifndef NO_LOCK
  assert(locked);
#endif
  locked = 0
}

// As wait_on(): the lock is held, let go while asleep, and held again.
inline sleep_on(q)
{
#ifndef NO_LOCK
  assert(locked);
#endif
  atomic { asleep[q * N + me] = 1; locked = 0 };
  !asleep[q * N + me];
  lock()
}

// Any sleeper, if there is one. The lock is held.
inline wake_one(q)
{
#ifndef NO_LOCK
  assert(locked);
#endif
#ifdef WAKE_NONE
  skip
#else
  atomic {
    if
    :: asleep[q * N] -> asleep[q * N] = 0
    :: asleep[q * N + 1] -> asleep[q * N + 1] = 0
    :: asleep[q * N + 2] -> asleep[q * N + 2] = 0
    :: else
    fi
  }
#endif
}

inline wake_all(q)
{
#ifndef NO_LOCK
  assert(locked);
#endif
#ifdef WAKE_NONE
  skip
#else
  atomic {
    asleep[q * N] = 0;
    asleep[q * N + 1] = 0;
    asleep[q * N + 2] = 0
  }
#endif
}

#include "../../../docs/labs/sleep/steps.pml"

inline get(n)
{
  read_step(n, got);
  assert(got <= n);
  nread = nread + got
}

inline put(n)
{
  write_step(n);
  nwritten = nwritten + n
}

#ifdef READERS
proctype Reader(byte me)
{
  byte got;

  get(1);
  assert(got == 1);
  done++
}

proctype Writer(byte me)
{
  put(2);
  done++
}
#endif

#ifdef WRITERS
proctype Writer(byte me)
{
  if
  :: me == 0 -> write_step(1); first_done = 1
  :: else -> write_step(3)
  fi;
  atomic { nwritten = nwritten + (me == 0 -> 1 : 3); done++ }
}

proctype Reader(byte me)
{
  byte got;

  get(1);
  assert(got == 1);
  first_done;
  do
  :: nread < SIZE + 4 -> get(SIZE); assert(got > 0)
  :: else -> break
  od;
  done++
}
#endif

#ifdef CLOSE
proctype Reader(byte me)
{
  byte got;

  do
  :: get(1) ;
     if
     :: got == 0 -> break
     :: else
     fi
  od;
  done++
}

proctype Writer(byte me)
{
  put(1);
  close_step();
  done++
}
#endif

init
{
  atomic {
#ifdef WRITERS
    count = SIZE;
    nwritten = SIZE;
    run Writer(0);
    run Writer(1);
    run Reader(2);
#else
    run Reader(0);
    run Reader(1);
    run Writer(2);
#endif
  }
  done == N;
  assert(nwritten == nread + count);
  assert(count == 0 && !locked)
}
