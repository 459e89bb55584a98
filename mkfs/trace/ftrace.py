"""The trace as the text that Linux's ftrace writes.

The fields of each event are in the order of the format strings in Linux's
include/trace/events/sched.h.  What Linux has and Peach has not: prio is 120
plus the process's niceness, as there; the flags between hart and time are
those of a kernel that cannot be preempted with interrupts off.
"""

HEAD = """\
# tracer: nop
#
# entries-in-buffer/entries-written: {kept}/{all}   #P:{harts}
#
#                                _-----=> irqs-off/BH-disabled
#                               / _----=> need-resched
#                              | / _---=> hardirq/softirq
#                              || / _--=> preempt-depth
#                              ||| / _-=> migrate-disable
#                              |||| /     delay
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
"""

STATE = {"ready": "R", "pushed": "R+", "sleeps": "S", "waits": "D",
         "ends": "Z"}


class Names:
    """What the processes are called, and how nice they are, at the moment."""

    def __init__(self, trace):
        self.trace = trace
        self.nice_at = list(trace.attrs).index("nice") \
            if "nice" in trace.attrs else None
        self.comm = {p.pid: p.first_name for p in trace.processes.values()}
        self.nice = {}

    def of(self, pid, hart):
        """comm, pid and prio; on an idle hart they are Linux's."""
        if pid <= 0:
            return f"swapper/{hart}", 0, 120
        return self.comm.get(pid, f"pid-{pid}"), pid, 120 + self.nice_of(pid)

    def nice_of(self, pid):
        if self.nice_at is None:
            return 0
        return self.nice.get(pid, self.at_first(pid))

    def at_first(self, pid):
        p = self.trace.processes.get(pid)
        return p.first_attrs[self.nice_at] if p and p.first_attrs else 0

    def see(self, r):
        if r.type == "fork":
            self.comm[r.other] = r.name
            self.nice[r.other] = self.nice_of(r.pid)
        elif r.type == "exec":
            self.comm[r.pid] = r.name
        elif r.type == "attr" and r.a == self.nice_at:
            self.nice[r.pid] = r.b


def event(r, names, last):
    """The event and its fields; None for what Linux does not have.
    last: where each process was last."""
    import model
    comm, pid, prio = names.of(r.pid, r.hart)
    who = f"comm={comm} pid={pid} prio={prio}"
    if r.type == "switch":
        after, next_pid, next_prio = names.of(r.other, r.hart)
        return (f"sched_switch: prev_comm={comm} prev_pid={pid} "
                f"prev_prio={prio} prev_state={STATE[model.STATES[r.a]]} ==> "
                f"next_comm={after} next_pid={next_pid} next_prio={next_prio}")
    if r.type in ("waking", "wakeup", "new"):
        at = r.other if r.type != "waking" else -1
        at = at if at >= 0 else last.get(r.pid, r.hart)
        name = {"new": "wakeup_new"}.get(r.type, r.type)
        return f"sched_{name}: {who} target_cpu={at:03d}"
    if r.type == "move":
        return f"sched_migrate_task: {who} orig_cpu={r.a} dest_cpu={r.b}"
    if r.type == "fork":
        return (f"sched_process_fork: comm={comm} pid={pid} "
                f"child_comm={r.name} child_pid={r.other}")
    if r.type == "exec":
        return (f"sched_process_exec: filename={r.name} pid={pid} "
                f"old_pid={pid}")
    if r.type == "exit":
        return f"sched_process_exit: {who}"
    return None


def write(trace, out):
    names = Names(trace)
    running = {h: trace.first_running.get(h, 0) for h in range(trace.harts)}
    last = {}
    kept = len(trace.records)
    out.write(HEAD.format(kept=kept, all=kept + trace.lost, harts=trace.harts))
    for r in trace.records:
        text = event(r, names, last)
        if text:
            comm, pid, _ = names.of(running[r.hart], r.hart)
            comm = comm if pid else "<idle>"
            out.write(f"{comm:>16}-{pid:<7} [{r.hart:03d}] d.... "
                      f"{r.time // 10**9:5}.{r.time // 1000 % 10**6:06}: "
                      f"{text}\n")
        names.see(r)
        if r.type == "switch":
            running[r.hart] = r.other
            last[r.other] = r.hart
        elif r.type == "move":
            last[r.pid] = r.b
