"""Reads ftrace text, by what Linux says that its events mean, and knows nothing
of how Peach writes it: what a test counts by this it has not from mkfs/trace.

Times are in us, as there.
"""

import re

LINE = re.compile(r" *(.+)-(\d+) +\[(\d{3})\] [d.]{5} +(\d+)\.(\d{6}): "
                  r"(\w+): (.*)")
FIELD = re.compile(r"(\w+)=(\S+)")


class Seen:
    """What became of a process."""

    def __init__(self):
        self.state, self.since = None, None
        self.spans = []                 # (state, from, to)
        self.made = self.ended = self.first = None
        self.switches = 0
        self.woken, self.latencies = None, []

    def enter(self, state, now):
        if self.state:
            self.spans.append((self.state, self.since, now))
        self.state, self.since = state, now

    def total(self, state):
        return sum(to - at for s, at, to in self.spans if s == state)


def lines(text):
    """(hart, us, event, fields) of each line."""
    for line in text.splitlines():
        if not line.startswith("#"):
            m = LINE.fullmatch(line)
            yield (int(m[3]), int(m[4]) * 10**6 + int(m[5]), m[6],
                   dict(FIELD.findall(m[7])))


def at_first(text):
    """hart -> who had it before its first switch; 0 if it never switched."""
    on = dict.fromkeys(range(int(re.search(r"#P:(\d+)", text)[1])), 0)
    for hart, _, event, f in reversed(list(lines(text))):
        if event == "sched_switch":
            on[hart] = int(f["prev_pid"])
    return on


def follow(text):
    """pid -> Seen, and (us, harts that idle, processes that wait) after each
    line."""
    seen, on, over = {}, at_first(text), []
    for hart, now, event, f in lines(text):
        def who(name):
            return seen.setdefault(int(f[name]), Seen())

        if event == "sched_process_fork":
            who("child_pid").made = now
        elif event == "sched_waking":
            who("pid").woken = now
        elif event in ("sched_wakeup", "sched_wakeup_new"):
            who("pid").enter("ready", now)
        elif event == "sched_switch":
            left, came = who("prev_pid"), who("next_pid")
            left.enter({"R": "ready", "R+": "ready", "Z": None}.get(
                f["prev_state"], "blocked"), now)
            if f["prev_state"] == "Z":
                left.ended = now
            came.enter("run", now)
            came.switches += 1
            came.first = now if came.first is None else came.first
            if came.woken is not None:
                came.latencies.append(now - came.woken)
                came.woken = None
            on[hart] = int(f["next_pid"])
        over.append((now, sum(pid == 0 for pid in on.values()),
                     sum(s.state == "ready" for p, s in seen.items() if p)))
    seen.pop(0, None)
    return seen, over
