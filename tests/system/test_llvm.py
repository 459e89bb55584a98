"""LLVM=1: everything by clang and lld, and it works."""

import subprocess

import pytest
from conftest import MATRIX, ROOT, Ended, copy_tree, make, run_in

pytestmark = pytest.mark.xdist_group("llvm")  # one tree, made once


# Programs of one file that the tests below run, or that these do.
NEEDED = "init fp cat echo ls ps".split()


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    to = copy_tree(tmp_path_factory.mktemp("llvm") / "peach",
                   compiled=False)
    # Most of the time goes into a hundred small programs: some are enough.
    for file in [*(to / "tests/guest").glob("*.c"), *(to / "user").glob("*.c")]:
        if not MATRIX and file.stem not in NEEDED:
            file.unlink()
    make("-s", "-j2", "LLVM=1", "SCHED=mlfq", "all", "build/host/sim",
         "build/host/check/mlfq", cwd=to)
    return to


@pytest.mark.parametrize("file", [
    "build/mlfq-shared-hz10-llvm/kernel.elf", "build/user-llvm/sh",
    "build/host/peachfs", "build/host/sim", "build/host/check/mlfq"])
def test_nothing_is_left_to_gcc(tree, file):
    """But for what the host's C library adds to a program when it starts."""
    data = (tree / file).read_bytes()
    assert b"clang version" in data
    assert "host" in file or b"GNU C" not in data


def test_schedtest_passes(tree):
    done = Ended(run_in(tree, "LLVM=1", "SCHED=mlfq", "DET=1",
                        "CMD=schedtest"))
    assert done.ok().out.count(" ok ") > 8


def test_check_passes(tree):
    done = make("-s", "LLVM=1", "SCHED=mlfq", "check", cwd=tree)
    assert " 0 of " in done.stdout, done.stdout


def test_programs_with_floating_point(tree):
    done = Ended(run_in(tree, "LLVM=1", "SCHED=mlfq", "CMD=t_fp 4 5"))
    assert "ok 0.5" in done.ok().out


def test_the_symbol_table_begins_with_the_first_function():
    done = subprocess.run(["tests/run/ksyms", "table"], cwd=ROOT, text=True,
                          input="0000000080200000 T first\n"
                                "0000000080200010 t second\n",
                          capture_output=True, check=True)
    quads = [x.split(None, 1)[1] for x in done.stdout.splitlines()
             if ".quad" in x]
    assert quads == ["2", "0x0000000080200000, 0", "0x0000000080200010, 6"]
