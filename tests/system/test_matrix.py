"""Every policy, queue mode and number of harts holds what it promises.

Each policy is held to its promises in both queue modes, on 1 hart (exactly), 2
and 4, and every two of these meet; with MATRIX=1 in the environment all three.
"""

import itertools

import pytest
from conftest import MATRIX, guest, known

SCHEDS = known("Policies")
RUNQS = known("Queue modes")
PAIRS = [(sched, runq, 2 << (i + j) % 2) for i, sched in enumerate(SCHEDS)
         for j, runq in enumerate(RUNQS)]
ALL = list(itertools.product(SCHEDS, RUNQS, [1, 2, 4]))


@pytest.mark.parametrize("sched,runq,cpus",
                         ALL if MATRIX else PAIRS)
def test_schedtest(sched, runq, cpus):
    done = guest("schedtest", sched=sched, runq=runq, CPUS=cpus, LIMIT=300)
    assert done.status == 0, str(done)


@pytest.mark.parametrize("sched", SCHEDS)
def test_schedtest_exact(sched):
    """No host in between: what is measured is what the policy does. The queue
    modes take turns, as one hart has one queue in both."""
    runq = RUNQS[SCHEDS.index(sched) % len(RUNQS)]
    done = guest("schedtest", sched=sched, runq=runq, DET=1, LIMIT=300).ok()
    assert "FAIL" not in done.out and "(try " not in done.out, str(done)


def test_schedtest_can_fail():
    """Strict levels, asked of round robin, do not hold."""
    done = guest("schedtest -a levels", sched="rr", DET=1, LIMIT=300)
    assert done.status not in (0, 124, 125, 254, 255), str(done)
