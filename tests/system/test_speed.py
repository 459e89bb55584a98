"""What an operation costs stays within its goals: counted in instructions and
in TLB flushes, so the same on every machine."""

import subprocess

from conftest import ROOT, build, make_environment


def test_goals_are_met():
    build("rr"), build("mlfq")
    done = subprocess.run(["tests/run/bench", "--check"], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=600,
                          env=make_environment())
    assert done.returncode == 0, done.stdout
