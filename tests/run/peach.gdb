# peach.gdb - what Peach's own structures say, for gdb.
#
#   ps            all processes: state, hart, times
#   runqs         run queues: what runs, what is ready
#   harts         what each hart does
#   pbt PID       where a process that does not run now sleeps or waits
#   user NAME     read the symbols of user program NAME, such as sh
#
# `make gdb` reads this; see docs/debug.md for a session.

set print pretty on
set pagination off

# $proc: the process that a link of all_procs belongs to.
define _proc_of_link
  set $proc = (struct proc *)((char *)$arg0 - (long)&((struct proc *)0)->all)
end

define _print_state
  if $proc->zombie
    printf "zombie  "
  else
    if $proc->task.state == TASK_RUNNING
      printf "running "
    end
    if $proc->task.state == TASK_READY
      printf "ready   "
    end
    if $proc->task.state == TASK_BLOCKED
      printf "sleeping"
    end
  end
end

define ps
  printf "  PID  PPID STATE    HART  QUEUE   RAN ms  WAITED ms  NAME\n"
  set $link = all_procs.next
  while $link != &all_procs
    _proc_of_link $link
    set $parent = 0
    if $proc->parent
      set $parent = $proc->parent->pid
    end
    printf "%5d %5d ", $proc->pid, $parent
    _print_state
    printf " %4d  %5d %8lu   %8lu  %s\n", $proc->task.hart, $proc->task.queue, $proc->task.st.ran / 1000000, $proc->task.st.waited / 1000000, $proc->name
    set $link = $link->next
  end
end
document ps
List all processes.
end

define _print_ready
  set $link = all_procs.next
  while $link != &all_procs
    _proc_of_link $link
    if $proc->task.state == TASK_READY && $proc->task.queue == $arg0
      printf "    ready    pid %d %s, since %lu us\n", $proc->pid, $proc->name, $proc->task.since / 1000
    end
    set $link = $link->next
  end
end

define runqs
  set $i = 0
  while $i < nqueue
    set $rq = queues[$i].rq
    printf "queue %d (%s, %s): %d ready, harts 0x%lx, busy 0x%lx, idle 0x%lx\n", $i, $rq->policy->name, runq_mode, $rq->nready, $rq->harts, $rq->busy, $rq->idle
    set $t = $rq->running
    while $t
      set $proc = (struct proc *)((char *)$t - (long)&((struct proc *)0)->task)
      printf "    running  pid %d %s, on hart %d, %lu us of its slice left\n", $proc->pid, $proc->name, $t->hart, $t->slice / 1000
      set $t = $t->run_next
    end
    _print_ready $i
    set $i = $i + 1
  end
end
document runqs
List the run queues with what runs and what is ready.
end

define harts
  set $i = 0
  while $i < nhart
    set $h = &harts[$i]
    if $h->proc == $h->idle
      printf "hart %d: idle\n", $i
    else
      printf "hart %d: pid %d %s\n", $i, $h->proc->pid, $h->proc->name
    end
    set $i = $i + 1
  end
end
document harts
Say what each hart does.
end

# gdb walks a stack from the registers that it sees: lend it, for a moment,
# those that $proc left when it was switched away from.
define _print_stack
  set $c = &$proc->context
  set $old = *$c
  set $old_pc = $pc
  set $old.ra = $ra
  set $old.sp = $sp
  set $old.s[0] = $s0
  set $old.s[1] = $s1
  set $old.s[2] = $s2
  set $old.s[3] = $s3
  set $old.s[4] = $s4
  set $old.s[5] = $s5
  set $old.s[6] = $s6
  set $old.s[7] = $s7
  set $old.s[8] = $s8
  set $old.s[9] = $s9
  set $old.s[10] = $s10
  set $old.s[11] = $s11
  set $from = *$c
  set $pc = $c->ra
  _lend
  bt
  set $from = $old
  set $pc = $old_pc
  _lend
end

define _lend
  set $ra = $from.ra
  set $s0 = $from.s[0]
  set $s1 = $from.s[1]
  set $s2 = $from.s[2]
  set $s3 = $from.s[3]
  set $s4 = $from.s[4]
  set $s5 = $from.s[5]
  set $s6 = $from.s[6]
  set $s7 = $from.s[7]
  set $s8 = $from.s[8]
  set $s9 = $from.s[9]
  set $s10 = $from.s[10]
  set $s11 = $from.s[11]
  set $sp = $from.sp
end

define pbt
  set $link = all_procs.next
  while $link != &all_procs
    _proc_of_link $link
    if $proc->pid == $arg0
      if $proc->task.state == TASK_RUNNING
        printf "it runs on hart %d: use gdb's own `thread %d' and `bt'\n", $proc->task.hart, $proc->task.hart + 1
      else
        _print_stack
      end
    end
    set $link = $link->next
  end
end
document pbt
pbt PID: the kernel functions in which a process waits, innermost first.
end

define user
  add-symbol-file build/user/$arg0
end
document user
user NAME: read the symbols of a user program.
end
