"""An idle guest sleeps: it hardly costs the host anything."""

import os
import time

import pytest
from conftest import qemus

SECONDS = 5
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


@pytest.mark.parametrize("sched,runq,cpus", [
    ("rr", "shared", 1), ("mlfq", "perhart", 4), ("lottery", "shared", 2)])
def test_prompt_uses_under_2_percent(console, sched, runq, cpus):
    guest = console(sched=sched, runq=runq, CPUS=cpus)
    guest.prompt()
    guest.line("echo settled")
    (pid,) = qemus()
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(SECONDS)     # what is measured is that time
    used = cpu_seconds(pid) - before
    assert used / (time.monotonic() - began) < 0.02, f"{used} s"
    assert "awake" in guest.line("echo awake")
