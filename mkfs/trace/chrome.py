"""The trace as Chrome trace events (chrome://tracing, Perfetto).

Three groups of tracks: the harts, with who ran there; the processes, with
their states; and the counters of what the policy keeps: tasks that wait, the
tickets that are drawn from, and by process its level, lag, pass or tickets.
"""

import json

import figures

HARTS, PROCESSES, COUNTERS = 1, 2, 3


def us(ns):
    return ns / 1000


def name_of(group, text, thread=None):
    e = {"ph": "M", "pid": group, "name": "process_name",
         "args": {"name": text}}
    if thread is not None:
        e.update(name="thread_name", tid=thread)
    return e


def span(group, thread, s, name, **args):
    return {"ph": "X", "pid": group, "tid": thread, "ts": us(s.begin),
            "dur": us(s.end - s.begin), "name": name, "args": args}


def counter(time, name, **values):
    return {"ph": "C", "pid": COUNTERS, "ts": us(time), "name": name,
            "args": values}


def instant(r, name, **args):
    return {"ph": "i", "s": "t", "pid": HARTS, "tid": r.hart,
            "ts": us(r.time), "name": name, "args": args}


def tracks(trace):
    yield name_of(HARTS, "harts")
    for h, spans in trace.lanes.items():
        yield name_of(HARTS, f"hart {h}", h)
        for s in spans:
            p = trace.processes.get(s.who)
            yield span(HARTS, h, s, p.label() if p else str(s.who))
    yield name_of(PROCESSES, "processes")
    for p in trace.shown():
        yield name_of(PROCESSES, p.label(), p.pid)
        for s in p.spans:
            on = {"hart": s.who} if s.state == "run" else {}
            yield span(PROCESSES, p.pid, s, s.state, **on)


def queue(trace, r):
    """The queue that a record tells the length of."""
    return f"waiting on hart {r.hart}" if trace.runq == "perhart" \
        else "waiting"


def attributes(trace):
    """What each process is given: tickets, niceness."""
    for i, name in enumerate(trace.attrs):
        for p in trace.processes.values():
            if p.first_attrs and p.pid != trace.tracer:
                yield counter(p.began or trace.begin, f"{name} of {p.label()}",
                              value=p.first_attrs[i])
    for r in trace.records:
        if r.type == "attr":
            name = list(trace.attrs)[r.a]
            yield counter(r.time, f"{name} of "
                          f"{trace.processes[r.pid].label()}", value=r.b)


def level_counters(trace):
    """The level of each process from its beginning on, if there are levels."""
    if "level" not in trace.stats:
        return
    before = {}
    for time, levels in figures.levels(trace):
        for pid, level in levels.items():
            p = trace.processes[pid]
            if pid != trace.tracer and before.get(pid) != level and \
                    (p.ended is None or time <= p.ended):
                yield counter(time, f"level of {p.label()}", value=level)
        before = dict(levels)


def notes(trace):
    """What the policy told, and how long the queues were."""
    for r in trace.records:
        p = trace.processes.get(r.pid)
        of = f" of {p.label()}" if p else ""
        if r.type == "switch":
            yield counter(r.time, queue(trace, r), tasks=r.ready)
        elif r.type == "boost":
            yield instant(r, "boost")
        elif r.type == "draw":
            yield instant(r, "draw", winner=r.pid, ticket=r.a, tickets=r.b)
            yield counter(r.time, "tickets drawn from", value=r.b)
        elif r.type in ("pass", "lag"):
            yield counter(r.time, r.type + of, value=r.a)


def counters(trace):
    """Counters, and the moments that belong to no process."""
    yield name_of(COUNTERS, f"policy {trace.policy}")
    yield from attributes(trace)
    yield from level_counters(trace)
    yield from notes(trace)


def write(trace, out):
    about = {"policy": trace.policy, "runq": trace.runq, "seed": trace.seed,
             "harts": trace.harts, "hz": trace.hz, "clock": trace.clock,
             "build": trace.build, "command": trace.command,
             "lost": trace.lost,
             **{f"param {k}": v for k, (v, _) in trace.params.items()}}
    out.write('{"displayTimeUnit":"ms","otherData":%s,"traceEvents":[\n'
              % json.dumps(about))
    events = list(tracks(trace)) + list(counters(trace))
    out.write(",\n".join(json.dumps(e, separators=(",", ":"))
                         for e in events))
    out.write("\n]}\n")
