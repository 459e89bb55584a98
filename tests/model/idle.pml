// idle.pml - no task waits beside an idle hart, for spin: with RUNQ=perhart no
// lock covers both the queue that has a task and the hart that has none.
// docs/switch.md tells it in words; the code is queue_steal() and queue_offer()
// of kernel/proc/runq_perhart.c, queue_offer_rest() of queue.h, and
// dispatch_loop() of dispatch.c, look_for_work() and nap() of idle.c.
//
// Hart 1 is busy for good: it makes TASKS tasks ready on its own queue and
// never runs one. Hart 0 has nothing else to do, so each must get there. If one
// stays while hart 0 waits in wfi, no step is left, and spin reports an invalid
// end state.
//
// A hart's writes wait in a store buffer of its own, which others do not see,
// until it is drained, at any time, or by a fence. (RISC-V's harts may keep
// back no other pair than a write and a later read, as far as this protocol
// goes: the reads that come first are followed by branches and by locks.)
//
// holds: -DTASKS=1
// holds: -DTASKS=3
// wrong: -DTASKS=1 -DNO_FENCE_OF_IDLE
// wrong: -DTASKS=1 -DNO_FENCE_OF_BUSY
// wrong: -DTASKS=1 -DNO_LOOK
// wrong: -DTASKS=1 -DLOOK_FIRST
// wrong: -DTASKS=1 -DOPEN_BEFORE_WFI
// wrong: -DTASKS=1 -DNO_INTERRUPT

bit idle;    // hart 0 is marked idle, as hart 1 sees it
byte nready; // on hart 1's queue, as hart 0 sees it
byte ready;  // as hart 1 sees it itself; under its queue's lock
byte taken;  // tasks that hart 0 has got
bit pending; // an interrupt of hart 0
bit runq1;   // the lock of hart 1's queue

// Store buffers: of hart 0's mark, and of hart 1's count.
bit idle_waits, idle_later;
bit nready_waits;
byte nready_later;

#define lock(l)   atomic { !l -> l = 1 }
#define unlock(l) l = 0

inline drain_idle()
{
  atomic {
    if
    :: idle_waits -> idle = idle_later; idle_waits = 0
    :: else
    fi
  }
}

inline drain_nready()
{
  atomic {
    if
    :: nready_waits -> nready = nready_later; nready_waits = 0
    :: else
    fi
  }
}

// The machine may drain what waits at any time, and does so in the end.
active proctype Drain()
{
end:
  do
  :: atomic { idle_waits -> idle = idle_later; idle_waits = 0 }
  :: atomic { nready_waits -> nready = nready_later; nready_waits = 0 }
  od
}

inline mark(value)
{
  atomic { idle_later = value; idle_waits = 1 }
}

// pull(): with the lock, which makes its last holder's writes seen.
inline pull()
{
  lock(runq1);
  drain_nready();
  if
  :: ready > 0 ->
     atomic { ready--; nready = ready; taken++ }
     found = 1
  :: else
  fi;
  unlock(runq1)
}

inline look()
{
  if
  :: nready > 0 -> pull()
  :: else
  fi
}

active proctype Hart0()
{
  bit found;

  do
  :: found = 0;
#ifdef LOOK_FIRST
     look();
     mark(1); // and no look after it
#else
     mark(1); // by the pick that finds nothing
#ifndef NO_FENCE_OF_IDLE
     drain_idle();
#endif
#ifndef NO_LOOK
     look();
#endif
#endif
     if
     :: found
     :: else ->
#ifdef OPEN_BEFORE_WFI
        pending = 0; // it is served before wfi, and wfi knows nothing of it
#endif
        // With interrupts off, wfi ends when one is pending, also one that
        // came before it.
end_wfi:
        pending;
        pending = 0
     fi;
     mark(0)
  od
}

active proctype Hart1()
{
  byte made;

  do
  :: made == TASKS -> break
  :: else ->
     lock(runq1);
     atomic { ready++; nready_later = ready; nready_waits = 1 }
     made++;
     // queue_offer_rest()
#ifndef NO_FENCE_OF_BUSY
     drain_nready();
#endif
#ifndef NO_INTERRUPT
     if
     :: idle -> pending = 1
     :: else
     fi;
#endif
     unlock(runq1)
  od;
  // Hart 0 may wait in wfi for ever, but not before it has them all.
  taken == TASKS
}
