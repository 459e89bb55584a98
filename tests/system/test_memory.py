"""Memory, as far as it takes a boot of its own, or the host, to see it."""

import os
import re
import shutil
import socket
import subprocess

import pytest
from conftest import LIMIT, ROOT, RUN, Ended, copy_tree, environment, guest
from conftest import run_in

PEACHFS = f"{ROOT}/build/host/peachfs"


@pytest.mark.parametrize("det", [0, 1])
def test_second_exec_reads_no_disk(det):
    """t_share itself cannot know whether the first exec was the first."""
    out = guest("t_share second_reads_nothing", DET=det).ok().out
    first, second = re.search(
        r"first exec: (\d+), of the second: (\d+)", out).groups()
    assert int(first) > 0 and int(second) == 0, out


# Allocations that each of these makes at least; they all are made to fail.
FAILED = {"fork": 5, "fork stack": 8, "exec": 10, "exec disk": 15, "pipe": 5,
          "pipe write": 3, "create": 2, "create disk": 3, "open disk": 2,
          "write": 40, "read disk": 20, "mkdir": 5, "sbrk": 1, "touch": 80,
          "copies": 40}


@pytest.mark.parametrize("sched,runq,cpus", [
    ("rr", "shared", 1), ("mlfq", "perhart", 4)])
def test_every_allocation_may_fail(sched, runq, cpus, tmp_path):
    image = str(tmp_path / "fs.img")
    environment("", sched, runq, 10, 1, {})  # makes the image
    shutil.copy(f"{ROOT}/build/user/fs.img", image)
    # Few processes: what is set aside for them is not left to the cache then.
    out = guest("t_failalloc", sched, runq, debug=1, CPUS=cpus, MEM="64M",
                PARAMS="maxproc=40", IMAGE=image, WRITE=1).ok().out
    found = {name: int(n) for name, n in re.findall(
        r"^([a-z ]+): each of (\d+) allocations has failed$", out, re.M)}
    for name, least in FAILED.items():
        assert found[name] >= least, out
    check = subprocess.run([PEACHFS, "check", image], text=True, timeout=60,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert check.returncode == 0, check.stdout


def test_all_memory_a_thousand_times():
    """Alone on the machine; then the last third of memory, more often."""
    out = guest("t_again 40; t_again 1000 70", MEM="64M").ok().out
    assert "taken and freed 40 times" in out
    assert "taken and freed 1000 times" in out, out


@pytest.mark.parametrize("program", "zero share cow heap exec pipe".split())
def test_with_freed_memory_poisoned(program):
    guest(f"t_{program}", debug=1, CPUS=2, MEM="64M").ok()


# ---- nothing is both writable and executable --------------------------------

def page_tables(env, path):
    """What QEMU's monitor says of the page table in use, once a line that
    begins with `ready` came: [(address, rights such as rwxugad)]."""
    run = subprocess.Popen([RUN], cwd=ROOT, env={**env, "MONITOR": path},
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           text=True, errors="replace")
    try:
        for line in run.stdout:
            if line.startswith("ready"):
                break
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(LIMIT)
            s.connect(path)
            text, user = "", False
            while not user:  # the hart may just be idle
                s.sendall(b"info mem\n")
                text = ""
                while text.count("(qemu)") < 1 or "attr" not in text \
                        or not text.endswith("(qemu) "):
                    text += s.recv(65536).decode(errors="replace")
                user = re.search(r"^0000000000000000 ", text, re.M)
            s.sendall(b"quit\n")
    finally:
        run.stdout.close()
        run.wait(LIMIT)
    return re.findall(r"^([0-9a-f]{16}) [0-9a-f]{16} [0-9a-f]{16} ([-a-z]{7})",
                      text, re.M)


def test_no_page_is_writable_and_executable(tmp_path):
    env = environment("sh -c 'echo ready; lat null 2000000000'", "rr",
                      "shared", 10, 0, {})
    rows = page_tables(env, str(tmp_path / "monitor"))
    kernel = [r for r in rows if int(r[0], 16) >> 63]
    users = [r for r in rows if not int(r[0], 16) >> 63]
    for part in kernel, users:
        assert any("w" in rights for _, rights in part), rows
        assert any("x" in rights for _, rights in part), rows
    assert not [r for r in rows if "w" in r[1] and "x" in r[1]], rows
    assert not [r for r in kernel if "u" in r[1]], rows
    assert all("u" in rights for _, rights in users), rows


def test_a_writable_kernel_text_is_noticed(tmp_path):
    """The kernel's own check at boot can fail."""
    tree = copy_tree(tmp_path / "peach")
    path = tree / "kernel/mm/kmap.c"
    text = path.read_text()
    changed = text.replace("#define KERNEL_RX (PTE_R | PTE_X | PTE_G)",
                           "#define KERNEL_RX (PTE_R | PTE_W | PTE_X | PTE_G)")
    assert changed != text
    path.write_text(changed)
    done = Ended(run_in(tree, "CMD=true", "LIMIT=60"))
    assert "exit status 254" in done.all and "PTE_X" in done.out, str(done)
