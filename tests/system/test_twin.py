"""Workload files: the kernel and the simulator do the same with them; what
make twin, compare and diff say, and that they can fail.
"""

import fcntl
import functools
import re
import subprocess
import sys

import pytest
from conftest import MATRIX, ROOT, build, known, make, make_environment

sys.path.insert(0, f"{ROOT}/tests/run")
from play import jobs  # noqa: E402

POLICIES = known("Policies")
ALL = [(job, sched) for job in jobs() for sched in POLICIES]


def sample():
    """A policy for each workload, in turn; `make twins` runs all."""
    return [(job, POLICIES[i % len(POLICIES)]) for i, job in enumerate(jobs())]


PAIRS = ALL if MATRIX else sample()


@functools.cache
def tools():
    """Build it all here, one at a time: what other tests run at the same time
    must not change under them."""
    for sched in POLICIES:
        build(sched)
    with open(f"{ROOT}/build/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make("-s", "build/host/sim")


def twin(sched, work, kernel=None, **env):
    """tests/run/twin, on the kernel of another policy if that is given."""
    tools()
    return subprocess.run(
        [f"{ROOT}/tests/run/twin"], cwd=ROOT, text=True, timeout=300,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**make_environment(), "SCHED": sched, "WORK": work,
             "LIMIT": "100", "KERNEL": build(kernel or sched), **env})


def test_a_dozen():
    assert len(jobs()) >= 12
    assert {sched for _, sched in PAIRS} == set(POLICIES)
    assert {job for job, _ in PAIRS} == set(jobs())


@pytest.mark.parametrize("work,sched", PAIRS)
def test_same(work, sched):
    done = twin(sched, work)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^the same order", done.stdout, re.M), done.stdout
    pieces = int(re.search(r"(\d+) pieces", done.stdout).group(1))
    assert pieces > 0


@pytest.mark.parametrize("work,kernel,sched", [
    ("late", "rr", "mlfq"), ("nice", "stride", "eevdf")] + [
    ("convoy", "fifo", "rr"), ("tickets", "stride", "lottery"),
    ("convoy", "rr", "fifo"), ("tickets", "rr", "stride"),
    ("gaming", "mlfq", "rr"), ("bursts", "rr", "stride")] * MATRIX)
def test_other_policy(work, kernel, sched):
    """The kernel has another policy than the simulator: seen, and where."""
    done = twin(sched, work, kernel)
    assert done.returncode == 1, done.stdout
    assert re.search(r"^the kernel and the simulator part at piece \d+:",
                     done.stdout, re.M), done.stdout
    assert re.search(r"^ *\d+> ", done.stdout, re.M), done.stdout


def test_other_slice():
    """A slice that is a twentieth too long is more than the kernel's work."""
    done = twin("rr", "response", PARAMS="slice=10ms")
    assert done.returncode == 0, done.stdout
    tools()
    run = f"{ROOT}/tests/run"
    code = ("import os, runpy, play; real = play.guest\n"
            "play.guest = lambda *a, **k: real(*a, PARAMS='slice=10.5ms')\n"
            f"runpy.run_path('{run}/twin', run_name='__main__')")
    done = subprocess.run(
        [sys.executable, "-c", code], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=300,
        env={**make_environment(), "PYTHONPATH": run, "SCHED": "rr",
             "WORK": "response", "LIMIT": "100", "KERNEL": build("rr")})
    assert done.returncode == 1, done.stdout
    assert "part at piece" in done.stdout


def test_all_at_once():
    """The table of make twins, of one workload here, and its status."""
    tools()
    done = make("twins", "WORK=late")
    assert f"{len(POLICIES)} of {len(POLICIES)} agree" in done.stdout
    with open(f"{ROOT}/build/twin/table.tsv", encoding="ascii") as f:
        head, *rows = (line.rstrip("\n").split("\t") for line in f)
    assert [r[head.index("policy")] for r in rows] == sorted(POLICIES)
    for r in rows:
        row = dict(zip(head, r))
        assert (row["work"], row["verdict"]) == ("late", "same")
        assert float(row["difference"]) <= float(row["allowed"])


def test_all_at_once_with_another_kernel(tmp_path):
    """One that differs is told in the table, below it, and by the status."""
    tools()
    code = ("import os, runpy, sys, play; real = play.guest\n"
            f"play.guest = lambda p, k, **o: real(p, '{build('fifo')}', **o)\n"
            "sys.argv = ['twin', '-a']\n"
            f"runpy.run_path('{ROOT}/tests/run/twin', run_name='__main__')")
    done = subprocess.run(
        [sys.executable, "-c", code], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=300, cwd=tmp_path,
        env={**make_environment(), "PYTHONPATH": f"{ROOT}/tests/run",
             "SCHEDS": "fifo rr", "RUNQ": "shared", "HZ": "10",
             "WORK": "convoy", "LIMIT": "100"})
    assert done.returncode == 1, done.stdout
    assert re.search(r"^convoy +\d+ +PART$", done.stdout, re.M), done.stdout
    assert "1 of 2 agree" in done.stdout
    assert "the kernel and the simulator part at piece 1" in done.stdout


def test_params():
    done = twin("mlfq", "late", PARAMS="levels=2 slice=5ms")
    assert done.returncode == 0, done.stdout


def test_own_file(tmp_path):
    mine = tmp_path / "a-rather-long-name.work"
    mine.write_text("task a\n run 31ms\ntask b at 4ms\n run 17ms\n")
    done = twin("rr", str(mine))
    assert done.returncode == 0, done.stdout
    assert "a-rather-long-name.work under rr: 2 tasks, 5 pieces" in done.stdout


@pytest.mark.parametrize("words,said", [
    (["twin", "SCHED=none", "WORK=late"], "no policy SCHED=none; known: "),
    (["twin"], "WORK=file is missing: a workload file, or one of these: "),
    (["twin", "WORK=none"], "no workload file none; there are "),
    (["twin", "WORK=late", "PARAMS=x=3"], "rr has no such parameter"),
    (["compare", "WORK=none"], "no workload file none; there are "),
    (["diff", "WORK=late", "A=rr"], "B=policy is missing, or none of "),
    (["diff", "WORK=late", "A=none", "B=rr"], "A=policy is missing, or none"),
    (["diff", "A=rr", "B=mlfq"], "WORK=file is missing")])
def test_bad_input(words, said):
    tools()
    done = make("-s", *words, check=False)
    assert done.returncode != 0, done.stdout
    assert said in done.stdout, done.stdout


def test_bad_file(tmp_path):
    bad = tmp_path / "bad.work"
    bad.write_text("task a\n run 10\n")
    for words in (["twin"], ["compare"], ["diff", "A=rr", "B=fifo"]):
        tools()
        done = make("-s", *words, f"WORK={bad}", check=False)
        assert done.returncode != 0, done.stdout
        assert f"{words[0]}: " in done.stdout, done.stdout
        assert "bad.work:2: not a time" in done.stdout, done.stdout


def test_compare():
    """One row a policy, whose figures are those of the runs; twice the same."""
    tools()
    table = f"{ROOT}/build/compare/table.tsv"
    done = make("compare", "WORK=convoy")
    with open(table, encoding="utf-8") as f:
        text = f.read()
    rows = [line.split("\t") for line in text.splitlines()]
    head, rows = rows[0], {r[0]: r for r in rows[1:]}
    assert set(rows) == set(POLICIES)

    def value(policy, column):
        return float(rows[policy][head.index(column)])

    for policy in POLICIES:
        assert rows[policy][1] == "3/3"
        assert value(policy, "sched") > 50 * value(policy, "switches")
        assert policy in done.stdout
    # The convoy: first in, first out makes the short ones wait; the shortest
    # first has the best mean turnaround, (235.5 + 15.1 + 29.2) / 3.
    assert abs(value("stcf", "turnaround") - 93.3) < 0.5
    assert abs(value("fifo", "turnaround") - 218.7) < 0.5
    assert abs(value("fifo", "response") - 140.2) < 0.5
    assert value("fifo", "switches") == 3
    assert value("rr", "switches") > 20
    make("compare", "WORK=convoy")
    with open(table, encoding="utf-8") as f:
        assert f.read() == text


def test_diff():
    tools()
    out = make("-s", "diff", "A=mlfq", "B=rr", "WORK=late").stdout
    assert "they part at 101.000 ms, when long has run since 0.000 ms:" in out
    assert "  mlfq takes short, until 122.000 ms" in out
    assert "  rr lets long go on, until 110.000 ms" in out
    assert re.search(r"^short +0.000 +9.000 +\+9.000 +21.000 +50.000 +\+29.000",
                     out, re.M), out
    out = make("-s", "diff", "A=rr", "B=rr", "WORK=late").stdout
    assert "they never part: the same schedule" in out
