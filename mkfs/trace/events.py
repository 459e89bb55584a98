"""Every record as a line of text."""

import model


def text(r):
    """A record without its time: what happened, in words of the model."""
    who = f"{r.type} pid={r.pid}"
    if r.type == "switch":
        return f"{who} {model.STATES[r.a]} to={r.other} ready={r.ready}"
    if r.type == "fork":
        return f"{who} child={r.other} {r.name}"
    if r.name:
        return f"{who} {r.name}"
    if r.type in ("slice", "preempt", "yield", "new", "wakeup"):
        return who
    if r.type == "waking":
        return f"{who} by={r.other}"
    if r.type == "attr":
        return f"{who} by={r.other} {r.a}={r.b}"
    if r.type == "affinity":
        return f"{who} by={r.other} {r.a & 2**64 - 1:x}"
    return f"{who} {r.a} {r.b}"


def write(trace, out):
    for r in trace.records:
        out.write(f"{r.time / 1e6:14.4f} ms  hart {r.hart}  {text(r)}\n")
