"""Memory, as far as it takes a boot of its own to see it."""

import re

import pytest
from conftest import guest


@pytest.mark.parametrize("det", [0, 1])
def test_second_exec_reads_no_disk(det):
    """t_share itself cannot know whether the first exec was the first."""
    out = guest("t_share second_reads_nothing", DET=det).ok().out
    first, second = re.search(
        r"first exec: (\d+), of the second: (\d+)", out).groups()
    assert int(first) > 0 and int(second) == 0, out
