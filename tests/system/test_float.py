"""Floating point belongs to each process, on however many harts."""

import pytest
from conftest import guest


@pytest.mark.parametrize("runq", ["shared", "perhart"])
@pytest.mark.parametrize("cpus", [1, 2, 4])
def test_programs_against_each_other(runq, cpus):
    done = guest("t_fp 6 20", runq=runq, CPUS=cpus)
    assert "ok 0.5" in done.ok().out


def test_short_slices():
    done = guest("t_fp 8 10", PARAMS="slice=200us", CPUS=1)
    assert "ok 0.5" in done.ok().out
