"""A trace file as Python objects: the head, the records in order of time, and
for each process and each hart what it did when.

kernel/trace.h says what a record is; user/trace.c, what the head is.
"""

import struct
from collections import namedtuple

RECORD = struct.Struct("<QIBBHii16s")

TYPES = {1: "switch", 2: "block", 3: "slice", 4: "preempt", 5: "yield",
         6: "waking", 7: "wakeup", 8: "new", 9: "move", 10: "fork",
         11: "exec", 12: "exit", 13: "timer", 14: "attr", 15: "affinity",
         32: "level", 33: "boost", 34: "draw", 35: "pass", 36: "lag"}
NAMED = {"block", "fork", "exec"}       # their records hold a name
STATES = ["ready", "pushed", "sleeps", "waits", "ends"]

# type: one of TYPES; a, b are 0 where there is a name, name "" elsewhere.
Record = namedtuple("Record", "time seq type hart ready pid other a b name")

# What a process, or a hart, did from begin to end.  state: run, ready or
# blocked; who: the hart that a process ran on, the pid that a hart ran.
Span = namedtuple("Span", "begin end state who")


class Damaged(Exception):
    """This is no trace, or not all of one."""


class Process:
    """One process: names by time, the last first; spans by time."""

    def __init__(self, pid, parent, name, began):
        self.pid, self.parent, self.name = pid, parent, name
        self.first_name = name
        self.began, self.ended = began, None
        self.status = None
        self.attrs = self.first_attrs = []
        self.spans = []
        self.state, self.since, self.hart = None, began, None
        self.wakeups = []       # (time of waking, time that it ran)
        self.woken = None
        self.pauses = []        # (from, to, what it waited for)
        self.switches = 0       # times that it was given a hart
        self.pinned = False
        self.stats = {}         # what the policy showed at the beginning

    def enter(self, state, time, hart=None):
        """It is in this state from now on (None: it is no more)."""
        if self.state and time > self.since:
            self.spans.append(Span(self.since, time, self.state, self.hart))
        self.state, self.since = state, time
        self.hart = hart if state == "run" else self.hart

    def give(self, attrs):
        """Its attributes at the beginning, in the policy's order."""
        self.attrs, self.first_attrs = list(attrs), list(attrs)

    def total(self, state):
        return sum(s.end - s.begin for s in self.spans if s.state == state)

    def label(self):
        return f"{self.pid} {self.name}"


class Trace:
    """policy, harts, begin, end, lost ... of the head, and
    params, attrs: name -> value; promises: (name, numbers)
    records: by time;  processes: by pid;  lanes: hart -> spans
    """

    def __init__(self, head, records):
        self.params, self.attrs, self.promises = {}, {}, []
        self.stats = []
        self.processes = {}
        self.tracer = None
        self.records = records
        self.build = self.command = ""
        self.idle_faults = 0
        for line in head:
            word, _, rest = line.partition(" ")
            self.take(word, rest)
        self.lanes = {h: [] for h in range(self.harts)}
        self.running = dict.fromkeys(range(self.harts), 0)
        self.follow()

    def take(self, word, rest):
        """One line of the head."""
        part = rest.split()
        if word in ("policy", "runq", "command", "build", "text"):
            setattr(self, word, rest)
        elif word in ("harts", "seed", "hz", "clock", "root", "status",
                      "begin", "end", "lost"):
            setattr(self, word, int(rest))
        elif word == "idle-faults":
            self.idle_faults = int(rest)
        elif word == "param":
            self.params[part[0]] = (int(part[1]), part[2])
        elif word == "promise":
            self.promises.append((part[0], [int(n) for n in part[1:]]))
        elif word == "attr":
            self.attrs[part[0]] = int(part[1])
        elif word == "stat":
            self.stats.append(part[0])
        elif word == "process":
            self.take_process(part)

    def take_process(self, part):
        end = len(part) - len(self.stats)
        n = end - len(self.attrs)
        pid, parent, state, hart = part[:4]
        p = Process(int(pid), int(parent), " ".join(part[4:n]), None)
        p.give([int(v) for v in part[n:end]])
        p.stats = dict(zip(self.stats, map(int, part[end:])))
        p.state = {"sleeping": "blocked", "ready": "ready",
                   "running": "run"}.get(state)
        p.hart = int(hart)
        self.processes[p.pid] = p

    def process(self, pid, time):
        """Of this pid; one that nothing is known of gets a name."""
        if pid not in self.processes:
            p = Process(pid, 0, f"pid-{pid}", time)
            p.give(self.attrs.values())
            self.processes[pid] = p
        return self.processes[pid]

    # --- what the records tell ----------------------------------------------

    def follow(self):
        start = self.records[0].time if self.lost and self.records \
            else self.begin
        self.begin = start
        for p in self.processes.values():
            p.since = start
            if p.state == "run":
                self.running[p.hart] = p.pid
        self.first_running = dict(self.running)
        since = dict.fromkeys(range(self.harts), start)
        for r in self.records:
            handle = getattr(self, f"on_{r.type}", None)
            if handle:
                handle(r)
            if r.type == "switch":
                self.lane(r.hart, since[r.hart], r.time, r.pid)
                since[r.hart] = r.time
                self.running[r.hart] = r.other
        for h, pid in self.running.items():
            self.lane(h, since[h], self.end, pid)
        for p in self.processes.values():
            p.enter(None, self.end)
        if self.root in self.processes:
            self.tracer = self.processes[self.root].parent

    def lane(self, hart, begin, end, pid):
        if pid and end > begin:
            self.lanes[hart].append(Span(begin, end, "run", pid))

    def on_switch(self, r):
        if r.pid:
            p = self.process(r.pid, r.time)
            if p.state != "run":        # it ran before what is kept
                p.state, p.hart = "run", r.hart
            state = STATES[r.a]
            p.enter({"ready": "ready", "pushed": "ready",
                     "ends": None}.get(state, "blocked"), r.time)
            if state == "ends":
                p.ended = r.time
        if r.other:
            p = self.process(r.other, r.time)
            p.enter("run", r.time, r.hart)
            p.switches += 1
            if p.woken is not None:
                p.wakeups.append((p.woken, r.time))
                p.woken = None

    def on_fork(self, r):
        child = Process(r.other, r.pid, r.name, r.time)
        child.give(self.process(r.pid, r.time).attrs if r.pid
                   else self.attrs.values())
        child.pinned = r.pid in self.processes and \
            self.processes[r.pid].pinned
        self.processes[r.other] = child

    def on_new(self, r):
        self.process(r.pid, r.time).enter("ready", r.time)

    def on_waking(self, r):
        self.process(r.pid, r.time).woken = r.time

    def on_wakeup(self, r):
        p = self.process(r.pid, r.time)
        if p.pauses and p.pauses[-1][1] is None:
            p.pauses[-1] = (p.pauses[-1][0], r.time, p.pauses[-1][2])
        p.enter("ready", r.time)

    def on_block(self, r):
        self.process(r.pid, r.time).pauses.append((r.time, None, r.name))

    def on_exec(self, r):
        self.process(r.pid, r.time).name = r.name

    def on_exit(self, r):
        self.process(r.pid, r.time).status = r.a

    def on_affinity(self, r):
        self.process(r.pid, r.time).pinned = r.a != -1

    def on_attr(self, r):
        p = self.process(r.pid, r.time)
        if r.a < len(p.attrs):
            p.attrs[r.a] = r.b

    # --- what is shown ------------------------------------------------------

    def shown(self):
        """The processes that ran, without the one that only kept the trace,
        by pid."""
        return [p for _, p in sorted(self.processes.items())
                if p.pid != self.tracer and p.total("run") > 0]


def _record(fields):
    time, seq, kind, hart, ready, pid, other, rest = fields
    if kind not in TYPES:
        raise Damaged(f"a record of the unknown type {kind}")
    kind = TYPES[kind]
    if kind in NAMED:
        name = rest.split(b"\0")[0].decode(errors="replace")
        return Record(time, seq, kind, hart, ready, pid, other, 0, 0, name)
    a, b = struct.unpack("<qq", rest)
    return Record(time, seq, kind, hart, ready, pid, other, a, b, "")


def read(data):
    """The Trace in these bytes."""
    head, found, body = data.partition(b"\n\n")
    head = head.decode(errors="replace").split("\n")
    if head[0] != "peach trace 1" or not found:
        raise Damaged("no trace of Peach")
    told = [int(line.split()[1]) for line in head
            if line.startswith("records ")]
    if told != [len(body) / RECORD.size]:
        raise Damaged(f"{len(body)} bytes of records, but the head tells of "
                      f"{told} records of {RECORD.size}")
    records = [_record(f) for f in RECORD.iter_unpack(body)]
    records.sort(key=lambda r: (r.time, r.seq))
    return Trace(head, records)
