"""Every policy, queue mode and number of harts holds what it promises.

Each policy is held to its promises in both queue modes: in one of them on 1 hart,
exactly, in the other on 2 or 4, which the policies have in turn. With MATRIX=1
in the environment all three of these meet.
"""

import itertools

import pytest
from conftest import MATRIX, guest, known

SCHEDS = known("Policies")
RUNQS = known("Queue modes")
PAIRS = [(sched, RUNQS[i % 2], 2 << i // 2 % 2)
         for i, sched in enumerate(SCHEDS)]
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
    runq = RUNQS[(SCHEDS.index(sched) + 1) % 2]
    done = guest("schedtest", sched=sched, runq=runq, DET=1, LIMIT=300).ok()
    assert "FAIL" not in done.out and "(try " not in done.out, str(done)


def test_schedtest_can_fail():
    """Strict levels, asked of round robin, do not hold."""
    done = guest("schedtest -a levels", sched="rr", DET=1, LIMIT=300)
    assert done.status not in (0, 124, 125, 254, 255), str(done)
