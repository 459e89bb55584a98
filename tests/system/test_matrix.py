"""Every policy, queue mode and number of harts holds what it promises."""

import pytest
from conftest import guest, known

SCHEDS = known("Policies")
RUNQS = known("Queue modes")


@pytest.mark.parametrize("cpus", [1, 2, 4])
@pytest.mark.parametrize("runq", RUNQS)
@pytest.mark.parametrize("sched", SCHEDS)
def test_schedtest(sched, runq, cpus):
    done = guest("schedtest", sched=sched, runq=runq, CPUS=cpus, LIMIT=300)
    assert done.status == 0, str(done)


@pytest.mark.parametrize("sched", SCHEDS)
def test_schedtest_exact(sched):
    """No host in between: what is measured is what the policy does."""
    done = guest("schedtest", sched=sched, DET=1, LIMIT=300).ok()
    assert "FAIL" not in done.out and "(try " not in done.out, str(done)


def test_schedtest_can_fail():
    """Strict levels, asked of round robin, do not hold."""
    done = guest("schedtest -a levels", sched="rr", DET=1, LIMIT=300)
    assert done.status not in (0, 124, 125, 254, 255), str(done)
