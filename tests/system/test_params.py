"""Parameters on the kernel's command line: what is bad is named, refused."""

import re

import pytest
from conftest import Ended, copy_tree, guest, run_in

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


def test_size_of_a_task(tmp_path):
    """A policy may have some KB a task; what cannot be is said with numbers."""
    tree = copy_tree(str(tmp_path / "tree"))
    path = f"{tree}/sched/lottery.c"
    text = open(path).read()
    old = "  .task_size = sizeof(struct lottery_task),\n"
    assert text.count(old) == 1
    for size, fine in ("3000", True), ("5000", False), ("8", False):
        with open(path, "w") as f:
            f.write(text.replace(old, f"  .task_size = {size},\n"))
        done = Ended(run_in(tree, "SCHED=lottery", "CMD=echo came through"))
        said = re.search(rf"policy lottery wants {size} bytes a task; there "
                         r"may be \d+ to \d+", done.all)
        assert ("came through" in done.out) == fine, str(done)
        assert bool(said) == (not fine), str(done)
