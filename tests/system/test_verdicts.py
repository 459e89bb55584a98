"""What the report says of work that is conserved, of starvation and of strict
levels: seen to hold and to fail, on traces that are made up here."""

import sys

import pytest
from conftest import ROOT

sys.path.append(f"{ROOT}/mkfs/trace")
import figures  # noqa: E402
import model  # noqa: E402

MS = 10**6
KIND = {name: number for number, name in model.TYPES.items()}


def trace(events, promises=(), harts=1, runq="shared", length=100):
    """A trace of A (10) and B (11), both asleep at first; events: (ms, hart,
    kind, pid, other, a)."""
    records = b"".join(
        model.RECORD.pack(round(ms * MS), seq, KIND[kind], hart, 0, pid, other,
                          a.to_bytes(8, "little", signed=True) + bytes(8))
        for seq, (ms, hart, kind, pid, other, a) in enumerate(events))
    head = ["peach trace 1", "policy p", f"runq {runq}", "stat level",
            f"harts {harts}", "seed 1", "hz 10", "clock 10000000",
            "process 10 1 sleeping 0 A 0", "process 11 1 sleeping 0 B 0",
            *[f"promise {p}" for p in promises],
            "root 1", "status 0", "begin 0", f"end {length * MS}", "lost 0",
            f"records {len(events)}"]
    return model.read("\n".join(head).encode() + b"\n\n" + records)


def wake(ms, pid):
    return ms, 0, "wakeup", pid, -1, 0


def switch(ms, before, after, state="sleeps", hart=0):
    return ms, hart, "switch", before, after, model.STATES.index(state)


def level(ms, pid, at):
    return ms, 0, "level", pid, 0, at


# B waits from 2 on until A stops, at 2 + n.
def behind(n):
    return [wake(1, 10), switch(1, 0, 10), wake(2, 11),
            switch(2 + n, 10, 11), switch(3 + n, 11, 0)]


@pytest.mark.parametrize("late,ok", [(0.4, True), (1.5, False), (50, False)])
def test_work_conserved(late, ok):
    """One is ready, and the hart idles for so long."""
    v = figures.conserved(trace([wake(10, 10), switch(10 + late, 0, 10),
                                 switch(70, 10, 0)]))
    assert v.ok is ok and f"{late:.3f} ms at most" in v.text, v


@pytest.mark.parametrize("late,ok", [(0.3, False), (0.4, False), (2, None),
                                     (9, None)])
def test_host_that_stops_harts(late, ok):
    """An idle hart acts 4 ms late, and a timer interrupt came so late: only
    what is far longer than the host's stops is the scheduler's fault."""
    timer = (80, 0, "timer", 0, 0, round(late * MS))
    v = figures.conserved(trace([wake(10, 10), switch(14, 0, 10),
                                 switch(70, 10, 0), timer]))
    assert v.ok is ok and ("not judged" in v.text) is (ok is None), v


def test_work_conserved_on_two_harts():
    """B waits behind A, and the second hart idles."""
    assert figures.conserved(trace(behind(5), harts=2)).ok is False
    assert figures.conserved(trace(behind(5), harts=1)).ok is True


@pytest.mark.parametrize("wait,ok", [(29, True), (32, False)])
def test_starvation(wait, ok):
    v = figures.starved(trace(behind(wait), ["live 10000000 10000000 0 0"]))
    assert v.ok is ok and f"longest wait was {wait}.000 ms, of 11 B" in v.text
    v = figures.starved(trace(behind(wait), ["wait 30000000 0 0 0"]))
    assert v.ok is ok


def test_starvation_without_a_promise():
    assert figures.starved(trace(behind(50))).ok is None


def test_starvation_without_an_end():
    """One that waits until the trace ends is seen too."""
    never = [wake(1, 10), switch(1, 0, 10), wake(2, 11)]
    v = figures.starved(trace(never, ["wait 10000000 0 0 0"]))
    assert v.ok is False and "98.000 ms" in v.text


STRICT = ["strict 0 0 0 0", "level 0 10000000 0 0"]


@pytest.mark.parametrize("sinks,ok", [(10, False), (11, True)])
def test_strict_levels(sinks, ok):
    """A runs on while B waits: wrong if A is the one that sank."""
    events = behind(20)
    events.insert(2, level(1.5, sinks, 1))
    v = figures.strict(trace(events, STRICT))
    assert v.ok is ok, v


def test_strict_levels_after_a_boost():
    """From the boost on both are alike."""
    events = behind(20)
    events[2:2] = [level(1.5, 10, 1)]
    events.insert(4, (2.5, 0, "boost", -1, 0, 0))
    v = figures.strict(trace(events, STRICT))
    assert v.ok is True and "0.500 ms at most" in v.text, v


def test_strict_levels_are_not_asked_for_where_none_are_promised():
    assert figures.strict(trace(behind(20))) is None


def test_nothing_is_said_when_events_are_lost():
    t = trace(behind(20))
    t.lost = 5
    assert [v.ok for v in figures.verdicts(t)] == [None]


def test_idle_faults_fail():
    """What the kernel counted, however short it was."""
    t = trace([wake(10, 10), switch(10.1, 0, 10), switch(70, 10, 0)])
    assert figures.conserved(t).ok
    t.idle_faults = 1
    assert figures.conserved(t).ok is False
