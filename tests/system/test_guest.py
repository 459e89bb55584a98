"""The test programs of tests/guest: each a table of cases, run in the guest."""

import glob
import os

import pytest
from conftest import ROOT, guest

PROGRAMS = sorted(
    os.path.basename(f)[:-2] for f in glob.glob(f"{ROOT}/tests/guest/*.c")
    if '"tests/guest/guest.h"' in open(f).read())


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("sched,runq,cpus", [
    ("rr", "shared", 1), ("mlfq", "perhart", 4), ("lottery", "shared", 2)])
def test_program(program, sched, runq, cpus):
    guest(f"t_{program}", sched=sched, runq=runq, CPUS=cpus).ok()
