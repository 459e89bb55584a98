"""What is counted from a trace: a table of processes, latencies, shares, and
whether what a scheduler must keep was kept."""

from collections import namedtuple

BINS = 60               # of the shares over time
POINTS = 1500           # most points of the queue's length
LATE = 10**6            # ns: a hart may take so long to act

# ok: True, False, or None where there is nothing to hold it to.
Verdict = namedtuple("Verdict", "name ok text")


def table(trace):
    """A row of figures for each process, times in ns, None: unknown."""
    rows = []
    for p in trace.shown():
        first = next((s.begin for s in p.spans if s.state == "run"), None)
        rows.append({
            "pid": p.pid, "name": p.name,
            "run": p.total("run"), "ready": p.total("ready"),
            "blocked": p.total("blocked"), "switches": p.switches,
            "response": None if p.began is None else first - p.began,
            "turnaround": None if None in (p.began, p.ended)
            else p.ended - p.began,
            **latency_figures([p])})
    return rows


def percentile(ordered, part):
    """The least value that such a part of all do not exceed."""
    return ordered[max(0, -(-len(ordered) * part // 100) - 1)]


def latencies(processes):
    """From waking to running, in ns, in order."""
    return sorted(ran - woken for p in processes for woken, ran in p.wakeups)


def latency_figures(processes):
    found = latencies(processes)
    return {"wakeups": len(found),
            **{name: percentile(found, part) if found else None
               for name, part in (("p50", 50), ("p99", 99), ("max", 100))}}


def shares(trace):
    """For each process, what part of a hart it had in each of BINS spans."""
    width = (trace.end - trace.begin) / BINS
    out = {}
    for p in trace.shown():
        part = [0.0] * BINS
        for s in p.spans:
            if s.state != "run":
                continue
            first = int((s.begin - trace.begin) / width)
            last = min(int((s.end - trace.begin) / width), BINS - 1)
            for i in range(first, last + 1):
                left = trace.begin + i * width
                part[i] += max(0, min(s.end, left + width) -
                               max(s.begin, left)) / width
        out[p.pid] = part
    return out


def steps(spans_of):
    """(time, how many) of spans that are open, from (begin, end) pairs."""
    change = {}
    for begin, end in spans_of:
        change[begin] = change.get(begin, 0) + 1
        change[end] = change.get(end, 0) - 1
    n, out = 0, []
    for time in sorted(change):
        n += change[time]
        out.append((time, n))
    return out


def waiting(trace):
    """How many processes are ready and do not run, by time."""
    return steps((s.begin, s.end) for p in trace.processes.values()
                 for s in p.spans if s.state == "ready")


def queue_length(trace):
    """The same, with no more than POINTS: the longest of each stretch."""
    points = waiting(trace)
    each = max(1, -(-len(points) // POINTS))
    return [max(points[i:i + each], key=lambda x: x[1])
            for i in range(0, len(points), each)]


# --- what must be kept ---------------------------------------------------------


def ms(ns):
    return f"{ns / 1e6:.3f} ms"


def judge(trace, name, value, allowed, text):
    """The verdict on what may be so long at most, and LATE for the hart to act.
    Where the host stopped harts for about as long as that is too much, it is
    not known whose fault it was; how late a timer interrupt came tells that."""
    stopped = max((r.a for r in trace.records if r.type == "timer"), default=0)
    over = value - allowed
    if LATE < over <= 2 * stopped:
        return Verdict(name, None, f"{text}; not judged: the host stopped a "
                       f"hart, a timer interrupt came {ms(stopped)} late")
    return Verdict(name, over <= LATE, text)


def overlap(steps_a, steps_b, end):
    """(longest, all) of the time in which both counts are above 0."""
    marks = sorted([(t, 0, n) for t, n in steps_a] +
                   [(t, 1, n) for t, n in steps_b])
    now = [0, 0]
    since, longest, total = None, 0, 0
    for time, which, n in marks + [(end, 0, 0)]:
        now[which] = n
        if since is None and all(now):
            since = time
        elif since is not None and not all(now):
            longest, total = max(longest, time - since), total + time - since
            since = None
    return longest, total


def conserved(trace):
    """No hart idles while a process waits that may run there."""
    idle = []
    for spans in trace.lanes.values():
        at = trace.begin
        for s in spans:
            idle.append((at, s.begin))
            at = s.end
        idle.append((at, trace.end))
    ready = steps((s.begin, s.end) for p in trace.processes.values()
                  if not p.pinned for s in p.spans if s.state == "ready")
    longest, total = overlap(steps(x for x in idle if x[1] > x[0]), ready,
                             trace.end)
    if trace.idle_faults:
        return Verdict("work is conserved", False,
                       f"{trace.idle_faults} times a hart went idle beside a "
                       "process that it could have taken, the kernel counted")
    return judge(trace, "work is conserved", longest, 0,
                 f"a hart idled beside a ready process for {ms(total)} in all, "
                 f"{ms(longest)} at most (allowed: {ms(LATE)})")


def limit(trace):
    """The longest wait that the policy's promises allow, and which one."""
    most = max((n for _, n in steps(
        (s.begin, s.end) for p in trace.processes.values() for s in p.spans
        if s.state != "blocked")), default=0)
    for name, n in trace.promises:
        if name == "wait":
            return (most - 1) * n[0], f"wait: ({most} - 1) slices"
    for name, n in trace.promises:
        if name == "live":
            return n[0] + most * n[1], f"live: with {most} processes"
    return None, ""


def starved(trace):
    longest, who = max(((s.end - s.begin, p) for p in trace.processes.values()
                        for s in p.spans if s.state == "ready"),
                       key=lambda x: x[0], default=(0, None))
    text = f"the longest wait was {ms(longest)}" + \
        (f", of {who.label()}" if who else "")
    allowed, why = limit(trace)
    if allowed is None:
        return Verdict("nobody starves", None, text + "; nothing is promised")
    return judge(trace, "nobody starves", longest, allowed,
                 f"{text}; promised: {ms(allowed)} ({why})")


def levels(trace):
    """(time, {pid: level}) whenever a level changes."""
    now = {p.pid: p.stats.get("level", 0) for p in trace.processes.values()
           if p.began is None}
    yield trace.begin, now
    for r in trace.records:
        if r.type == "fork":
            now = {**now, r.other: now.get(r.pid, 0)}
        elif r.type == "level":
            now = {**now, r.pid: r.a}
        elif r.type == "boost":
            now = dict.fromkeys(now, 0)
        else:
            continue
        yield r.time, now


def strict(trace):
    """Nobody runs while one on a better level waits, where that is promised."""
    if "strict" not in (name for name, _ in trace.promises):
        return None
    marks = [(s.begin, 1, p.pid, s.state) for p in trace.processes.values()
             for s in p.spans] + \
        [(s.end, 0, p.pid, None) for p in trace.processes.values()
         for s in p.spans]
    marks += [(t, 2, None, table_) for t, table_ in levels(trace)]
    marks.sort(key=lambda m: m[:2])
    state, level, since, longest = {}, {}, None, 0
    for time, _, pid, what in marks:
        if pid is None:
            level = what
        else:
            state[pid] = what
        ready = [level.get(q, 0) for q, s in state.items() if s == "ready"]
        run = [level.get(q, 0) for q, s in state.items() if s == "run"]
        wrong = ready and run and min(ready) < max(run)
        if since is not None:
            longest = max(longest, time - since)
        since = (time if since is None else since) if wrong else None
    slices = [n[1] for name, n in trace.promises if name == "level"]
    # A queue a hart sends what is urgent elsewhere when its slice ends.
    allowed = 0 if trace.runq == "shared" else max(slices)
    return judge(trace, "levels are strict", longest, allowed,
                 "one on a worse level ran beside a ready one for "
                 f"{ms(longest)} at most (allowed: {ms(allowed + LATE)})")


def verdicts(trace):
    if trace.lost:
        return [Verdict("invariants", None,
                        f"not checked: {trace.lost} events were lost")]
    return [v for v in (conserved(trace), starved(trace), strict(trace)) if v]
