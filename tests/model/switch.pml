// switch.pml - sleep, wake-up, kill, exit and the switch's hand-over of the run
// queue's lock, for spin. docs/switch.md tells it in words; the code is
// kernel/proc/dispatch.c, wake.c, wait.c and life.c.
//
// Two harts run three processes, each on a stack of its own, and an idle one
// each. The consumer sleeps for events, the producer makes them and wakes it,
// then waits for its end and frees its stack; the killer kills one of the two.
// The policy is any: of what is ready any may be picked, and a process may be
// pushed out wherever it holds no lock.
//
// What must hold: no stack is used by two harts (the assertion in load), none
// is freed in use, only a sleeper is woken, who locked a process's queue has
// locked the right one; and nothing hangs: where no step
// is left, all processes are at their ends. A lost wake-up or kill would leave
// somebody asleep, which spin reports as an invalid end state. That a lock or a
// retry is not fought for for ever is not shown: the locks are not fair.
//
// Each line below is a run of `make test-model`: first what must hold, then
// changes of the protocol that must be found wrong.
//
// holds:
// holds: -DPERHART
// holds: -DKILL
// holds: -DKILL -DPERHART
// wrong: -DDROP_BEFORE_SWITCH
// wrong: -DDROP_BEFORE_SWITCH -DPERHART
// wrong: -DDROP_OBJECT_FIRST
// wrong: -DTEST_UNLOCKED
// wrong: -DPERHART -DWAKE_WITHOUT_QUEUE
// wrong: -DFREE_AT_ONCE
// wrong: -DKILL -DPERHART -DNO_SECOND_READ
// wrong: -DKILL -DFLAG_LAST
// wrong: -DKILL -DKILL_WITHOUT_OBJECT

#define NHART  2
#define EVENTS 2

// Processes, and the idle ones behind.
#define CONSUMER 0
#define PRODUCER 1
#define KILLER   2
#define IDLE     3 // and IDLE + 1
#define NPROC    5

// Objects that are slept on.
#define PIPE  0 // events
#define TABLE 1 // the process table: who has ended
#define NONE  9

#ifdef PERHART
#define NQUEUE     2
#define QUEUE_OF(h) (h)
#else
#define NQUEUE     1
#define QUEUE_OF(h) 0
#endif
#define MOVING 9

mtype = { READY, RUNNING, BLOCKED };

// A process.
mtype state[NPROC]; // under the lock of its queue
byte queue[NPROC];  // t->queue
byte asleep[NPROC]; // on the wait queue of this object, or NONE; under its lock
byte waits[NPROC];  // p->wait_lock: the object's, or NONE
bit killed[NPROC];
byte hart[NPROC]; // that runs it
bit busy[NPROC];  // its stack is in use
bit go[NPROC];    // its context has just been loaded

// Locks: taken or not.
bit object[2];
bit runq[NQUEUE];

byte events;
bit zombie;   // the consumer has ended
byte victim;  // of the killer

#define lock(l)   atomic { !l -> l = 1 }
#define unlock(l) l = 0

// ---- the switch ------------------------------------------------------------

// Any ready process of queue q, or the hart's idle one. The queue is locked.
inline pick(q, next)
{
  atomic {
    if
    :: state[CONSUMER] == READY && queue[CONSUMER] == q -> next = CONSUMER
    :: state[PRODUCER] == READY && queue[PRODUCER] == q -> next = PRODUCER
    :: state[KILLER] == READY && queue[KILLER] == q -> next = KILLER
    :: else -> next = IDLE + hart[me]
    fi;
    state[next] = RUNNING
  }
}

// The second half of switch_context: the hart goes on with another context.
inline load(next)
{
  atomic {
    assert(!busy[next]);
    busy[next] = 1;
    hart[next] = hart[me];
    go[next] = 1
  }
}

// switch_context: the own context is saved, and the stack is left; then the
// other one's is loaded.
inline change_to(next)
{
  busy[me] = 0;
  load(next);
  atomic { go[me] -> go[me] = 0 } // until somebody loads ours
}

// The queue of this hart is locked; whoever arrives lets it go.
inline switch()
{
  pick(QUEUE_OF(hart[me]), next);
#ifdef DROP_BEFORE_SWITCH
  unlock(runq[QUEUE_OF(hart[me])]);
#endif
  if
  :: next != me -> change_to(next)
  :: else
  fi;
#ifndef DROP_BEFORE_SWITCH
  unlock(runq[QUEUE_OF(hart[me])]);
#endif
  next = 0
}

// Pushed out, or not.
inline maybe_preempted()
{
  if
  :: lock(runq[QUEUE_OF(hart[me])]);
     state[me] = READY;
     switch()
  :: skip
  fi
}

// lock_task(): q is the queue of p, locked.
inline lock_task(p, q)
{
  do
  :: q = queue[p];
     if
     :: q == MOVING // again
     :: else ->
        lock(runq[q]);
#ifdef NO_SECOND_READ
        break
#else
        if
        :: queue[p] == q -> break
        :: else -> unlock(runq[q])
        fi
#endif
     fi
  od;
  assert(queue[p] == q)
}

// ---- sleep and wake-up -----------------------------------------------------

// sleep_on(): the object is locked, and is not on return.
inline sleep_on(obj)
{
#ifdef DROP_OBJECT_FIRST
  asleep[me] = obj;
  waits[me] = obj;
  unlock(object[obj]);
  lock(runq[QUEUE_OF(hart[me])]);
  state[me] = BLOCKED;
  switch();
#else
  lock(runq[QUEUE_OF(hart[me])]);
  if
  :: killed[me] ->
     unlock(runq[QUEUE_OF(hart[me])]);
     unlock(object[obj])
  :: else ->
     asleep[me] = obj;
     waits[me] = obj;
     state[me] = BLOCKED;
     unlock(object[obj]);
     switch()
  fi;
#endif
}

// queue_wake(): p sleeps, and its queue q is locked. It becomes ready there,
// or on another queue.
inline wake(p, q)
{
  waits[p] = NONE;
#ifdef PERHART
  if
  :: queue[p] = MOVING;
     unlock(runq[q]);
     q = 1 - q;
     lock(runq[q])
  :: skip
  fi;
#endif
  atomic {
#ifndef DROP_OBJECT_FIRST // there it is about to block
    assert(state[p] == BLOCKED);
#endif
    state[p] = READY;
    queue[p] = q
  }
  unlock(runq[q])
}

// wake_all(): obj is locked, and only p sleeps there, if anybody.
inline wake_all(obj, p)
{
  if
  :: asleep[p] == obj ->
     asleep[p] = NONE;
#ifdef WAKE_WITHOUT_QUEUE
     q = 1 - queue[p]; // where it goes, only
     lock(runq[q]);
     wake(p, q)
#else
     lock_task(p, q);
     wake(p, q)
#endif
  :: else
  fi
}

// try_interrupt() until it succeeds. The process table is locked.
inline interrupt(p)
{
  do
  :: lock_task(p, q);
     if
     :: waits[p] == NONE || state[p] != BLOCKED ->
        unlock(runq[q]);
        break
#ifdef KILL_WITHOUT_OBJECT
     :: else ->
        asleep[p] = NONE;
        wake(p, q);
        break
#else
     :: else ->
        obj = waits[p];
        atomic {
          if
          :: obj != TABLE && object[obj] -> got = 0
          :: obj != TABLE && !object[obj] -> object[obj] = 1; got = 1
          :: obj == TABLE -> got = 1 // it is ours
          fi
        }
        if
        :: got ->
           asleep[p] = NONE;
           wake(p, q);
           if
           :: obj != TABLE -> unlock(object[obj])
           :: else
           fi;
           break
        :: else -> unlock(runq[q])
        fi
#endif
     fi
  od
}

// ---- the processes ---------------------------------------------------------

// Arrive for the first time: the queue of the hart is locked.
inline begin()
{
  atomic { go[me] -> go[me] = 0 }
#ifndef DROP_BEFORE_SWITCH
  unlock(runq[QUEUE_OF(hart[me])]);
#endif
}

// A sleep that nobody ends; the lock of the table is held, and let go.
inline leave_for_ever()
{
  lock(runq[QUEUE_OF(hart[me])]);
  state[me] = BLOCKED;
  unlock(object[TABLE]);
  pick(QUEUE_OF(hart[me]), next);
#ifdef DROP_BEFORE_SWITCH
  unlock(runq[QUEUE_OF(hart[me])]);
#endif
  busy[me] = 0;
  load(next)
}

proctype Consumer()
{
  byte me = CONSUMER, next, q, wanted;

  begin();
  wanted = EVENTS + (victim == CONSUMER); // one that does not come
  do
  :: wanted == 0 || killed[me] -> break
  :: else ->
     maybe_preempted();
#ifdef TEST_UNLOCKED
     if
     :: events == 0 && !killed[me] -> lock(object[PIPE]); sleep_on(PIPE)
     :: else
     fi;
     lock(object[PIPE]);
#else
     lock(object[PIPE]);
     do
     :: events > 0 || killed[me] -> break
     :: else -> sleep_on(PIPE); lock(object[PIPE])
     od;
#endif
     if
     :: events > 0 -> events--; wanted--
     :: else
     fi;
     unlock(object[PIPE])
  od;
  lock(object[TABLE]);
  zombie = 1;
  wake_all(TABLE, PRODUCER);
  leave_for_ever()
}

proctype Producer()
{
  byte me = PRODUCER, next, q, made;

  begin();
  do
  :: made == EVENTS -> break
  :: else ->
     maybe_preempted();
     lock(object[PIPE]);
     events++;
     made++;
     wake_all(PIPE, CONSUMER);
     unlock(object[PIPE])
  od;
  lock(object[TABLE]);
  do
  :: zombie || killed[me] -> break
  :: else -> sleep_on(TABLE); lock(object[TABLE])
  od;
  if
  :: zombie -> // bury() it
#ifndef FREE_AT_ONCE
     lock_task(CONSUMER, q);
     unlock(runq[q]);
#endif
     assert(!busy[CONSUMER])
  :: else
  fi;
  leave_for_ever()
}

// It kills the consumer or the producer, at any time.
proctype Killer()
{
  byte me = KILLER, next, q, obj;
  bit got;

  begin();
#ifdef KILL
  lock(object[TABLE]);
#ifdef FLAG_LAST
  interrupt(victim);
  killed[victim] = 1;
#else
  killed[victim] = 1;
  interrupt(victim);
#endif
#else
  lock(object[TABLE]);
#endif
  leave_for_ever()
}

// dispatch_loop(). That an idle hart looks again when something comes to be
// ready is the subject of idle.pml.
proctype Idle(byte me)
{
  byte next, p;

  do
  :: lock(runq[QUEUE_OF(hart[me])]);
     switch();
#ifdef PERHART
     // queue_steal()
     if
     :: p = CONSUMER
     :: p = PRODUCER
     :: p = KILLER
     fi;
     lock(runq[1 - hart[me]]);
     if
     :: state[p] == READY && queue[p] == 1 - hart[me] ->
        queue[p] = MOVING;
        unlock(runq[1 - hart[me]]);
        lock(runq[hart[me]]);
        queue[p] = hart[me];
        unlock(runq[hart[me]])
     :: else -> unlock(runq[1 - hart[me]])
     fi;
     p = 0;
#endif
end_asleep:
     state[CONSUMER] == READY || state[PRODUCER] == READY ||
       state[KILLER] == READY
  od
}

init
{
  byte i;

  victim = NONE;
#ifdef KILL
  if
  :: victim = CONSUMER
  :: victim = PRODUCER
  fi;
#endif
  atomic {
    for (i : 0 .. 2) {
      state[i] = READY;
      queue[i] = 0;
      asleep[i] = NONE;
      waits[i] = NONE
    }
    for (i : 0 .. 1) {
      state[IDLE + i] = RUNNING;
      asleep[IDLE + i] = NONE;
      waits[IDLE + i] = NONE;
      hart[IDLE + i] = i;
      busy[IDLE + i] = 1;
      queue[IDLE + i] = QUEUE_OF(i)
    }
    run Consumer();
    run Producer();
    run Killer();
    run Idle(IDLE);
    run Idle(IDLE + 1)
  }
}
