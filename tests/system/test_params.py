"""Parameters on the kernel's command line: what is bad is named, refused."""

import pytest
from conftest import guest

GOOD = [("rr", "slice=20ms"), ("mlfq", "levels=3 slice=10ms boost=1s"),
        ("lottery", "slice=5ms"), ("rr", "maxproc=20")]

BAD = [("rr", "slise=20ms"), ("rr", "slice="), ("rr", "slice=0"),
       ("rr", "slice=-1ms"), ("rr", "slice=20zz"),
       ("rr", "slice=99999999999999999999s"), ("mlfq", "levels=1000000"),
       ("mlfq", "levels=x"), ("rr", "levels=3"), ("rr", "maxproc=0"),
       ("rr", "maxproc=x"), ("rr", "slice")]


@pytest.mark.parametrize("sched,text", GOOD)
def test_good(sched, text):
    guest("echo fine", sched=sched, PARAMS=text).ok()


@pytest.mark.parametrize("sched,text", BAD)
def test_bad_is_named(sched, text):
    done = guest("echo came through", sched=sched, PARAMS=text, LIMIT=30)
    assert done.status not in (0, 124, 125), str(done)
    assert "came through" not in done.out
    assert text.split("=")[0] in done.out, str(done)


def test_maxproc_is_a_limit():
    """A fork beyond it fails and the rest goes on."""
    cmd = "sh -c '%s echo still here'" % ("sleep 10 & " * 30)
    done = guest(cmd, PARAMS="maxproc=12")
    assert done.status not in (124, 254), str(done)
