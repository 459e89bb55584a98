# peach.gdb - what Peach's own structures say, for gdb.
#
#   peach-ps              all processes: state, hart, times
#   peach-runq            run queues: what runs, what is ready
#   peach-harts           what each hart does
#   peach-trace           the last scheduling events of each hart
#   peach-bt PID          where a process that does not run now sleeps or waits
#   peach-pt ADDR [PID]   how an address is translated, for a process or the
#                         one that runs
#   peach-user NAME       read the symbols of user program NAME, such as sh
#   peach-switch N        go on to switch number N of hart 0
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

define peach-ps
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
document peach-ps
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

define peach-runq
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
document peach-runq
List the run queues with what runs and what is ready.
end

define peach-harts
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
document peach-harts
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

define peach-bt
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
document peach-bt
peach-bt PID: the kernel functions in which a process waits, innermost first.
end

define peach-user
  add-symbol-file build/user/$arg0
end
document peach-user
peach-user NAME: read the symbols of a user program.
end

# ---- events ----------------------------------------------------------------

# The records of the page that hart $i writes to.
define _print_records
  set $rec = $ring->page->record
  while $rec < $ring->at
    printf "%12lu us  hart %d  pid %d  ", $rec->time / 1000, $rec->hart, $rec->pid
    output (enum trace_type)$rec->type
    printf "  %d %ld %ld\n", $rec->other, $rec->a, $rec->b
    set $rec = $rec + 1
  end
end

define _print_switches
  set $n = 0
  if $h->switches > sizeof($h->last) / sizeof($h->last[0])
    set $n = $h->switches - sizeof($h->last) / sizeof($h->last[0])
  end
  while $n < $h->switches
    set $one = &$h->last[$n % (sizeof($h->last) / sizeof($h->last[0]))]
    printf "%12lu us  hart %d  to pid %d  (switch %lu)\n", $one->at / 1000, $i, $one->pid, $n + 1
    set $n = $n + 1
  end
end

define peach-trace
  set $i = 0
  while $i < nhart
    set $h = &harts[$i]
    set $ring = &trace_rings[$i]
    if $ring->page && $ring->at > $ring->page->record
      _print_records
    else
      _print_switches
    end
    set $i = $i + 1
  end
end
document peach-trace
The last events of each hart: all that are traced, or, without a trace and
without DEBUG=1, switches. Process 0 is idle.
end

define peach-switch
  thbreak switch_context if harts[0].switches >= $arg0
  continue
end
document peach-switch
peach-switch N: go on until hart 0 switches for the Nth time.
end

# ---- page tables -----------------------------------------------------------

define _find_pid
  set $found = (struct proc *)0
  set $link = all_procs.next
  while $link != &all_procs
    _proc_of_link $link
    if $proc->pid == $arg0
      set $found = $proc
    end
    set $link = $link->next
  end
end

define _print_flags
  set $bit = 0
  while $bit < 10
    if ($pte >> $bit) & 1
      printf "%c", "VRWXUGADco"[$bit]
    else
      printf "-"
    end
    set $bit = $bit + 1
  end
end

define peach-pt
  set $va = (unsigned long)$arg0
  set $found = ((struct hart *)$tp)->proc
  if $argc > 1
    _find_pid $arg1
  end
  if $found == 0 || $found->space == 0
    printf "no such process, or one without memory of its own\n"
  else
    printf "%s, pid %d: 0x%lx\n", $found->name, $found->pid, $va
    set $table = $found->space->root
    set $level = 2
    while $level >= 0
      set $index = ($va >> (12 + 9 * $level)) & 511
      set $pte = $table[$index]
      printf "  level %d, entry %3d: 0x%016lx ", $level, $index, $pte
      _print_flags
      if ($pte & 1) == 0
        if $pte
          printf "  not there yet: promised\n"
        else
          printf "  nothing is mapped\n"
        end
        set $level = -1
      else
        set $pa = (($pte >> 10) << 12) & 0x00fffffffffff000
        if $pte & 0xe
          set $mask = (1UL << (12 + 9 * $level)) - 1
          printf "  physical 0x%lx\n", ($pa & ~$mask) | ($va & $mask)
          set $level = -1
        else
          printf "  table at 0x%lx\n", $pa
          set $table = (unsigned long *)($pa + 0xffffffc000000000)
          set $level = $level - 1
        end
      end
    end
  end
end
document peach-pt
peach-pt ADDR [PID]: how the page table of a process translates an address.
Flags: valid read write execute user global accessed dirty copy-on-write owned.
end
