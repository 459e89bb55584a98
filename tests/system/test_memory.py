"""Memory, as far as it takes a boot of its own, or the host, to see it."""

import glob
import os
import re
import shutil
import socket
import subprocess

import pytest
from conftest import LIMIT, MATRIX, ROOT, RUN, Ended, copy_tree, environment
from conftest import guest, run_in

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
          "pipe object": 7, "pipe write": 3, "create": 2, "create disk": 3,
          "open disk": 2, "write": 40, "read disk": 20, "mkdir": 5, "sbrk": 1,
          "touch": 80, "copies": 40, "trace": 3, "alarm": 1}


# Where the kernel allocates, and what t_failalloc does not come to: what a
# mount needs, of which tests/host/fs/test_faults.c has each allocation fail.
ALLOCATES = re.compile(r"\b(page_alloc|page_alloc_zero|cache_alloc|mm_reserve|"
                       r"mm_reserve_kernel|kstack_alloc)\(")
AT_MOUNT = {("kernel/fs/alloc.c", "alloc_start"),
            ("kernel/fs/journal.c", "journal_start"),
            ("kernel/fs/log.c", "log_start"),
            ("kernel/fs/mount.c", "read_super"),
            ("kernel/fs/recover.c", "recover")}


def allocation_sites():
    """{(file, line): function} of calls of the allocators."""
    sites = {}
    for path in glob.glob(f"{ROOT}/kernel/*/*.c"):
        name, function = os.path.relpath(path, ROOT), None
        if name.startswith("kernel/debug/"):
            continue
        for number, line in enumerate(open(path), 1):
            begins = re.match(r"(\w+)\(", line)
            if begins:
                function = begins.group(1)
            elif ALLOCATES.search(line.split("//")[0]):
                sites[name, number] = function
    return sites


def lines_on_the_way(out, kernel):
    """The (file, line) of all calls that led to an allocation that failed."""
    ways = re.findall(r"^failed:((?: [0-9a-f]{16})+)$", out, re.M)
    calls = sorted({f"{int(a, 16) - 1:x}" for way in ways for a in way.split()})
    assert calls, out
    text = subprocess.run(
        ["riscv64-unknown-elf-addr2line", "-ie", kernel, *calls], text=True,
        check=True, stdout=subprocess.PIPE).stdout
    return {(name, int(line)) for name, line in
            re.findall(r"(kernel/\S+):(\d+)", text)}


def failalloc(sched, runq, cpus, image, maxproc, what=""):
    return guest(f"t_failalloc {what}", sched, runq, debug=1, CPUS=cpus,
                 MEM="64M", PARAMS=f"maxproc={maxproc}", IMAGE=image,
                 WRITE=1).ok().out


@pytest.mark.parametrize("sched,runq,cpus", [
    ("mlfq", "perhart", 4)] + [("rr", "shared", 1)] * MATRIX)
def test_every_allocation_may_fail(sched, runq, cpus, tmp_path):
    image = str(tmp_path / "fs.img")
    kernel = environment("", sched, runq, 10, 1, {})["KERNEL"]
    shutil.copy(f"{ROOT}/build/user/fs.img", image)
    # Few processes: what is set aside for them is not left to the cache then.
    out = failalloc(sched, runq, cpus, image, 40)
    found = {name: int(n) for name, n in re.findall(
        r"^([a-z ]+): each of (\d+) allocations has failed$", out, re.M)}
    for name, least in FAILED.items():
        assert found[name] >= least, out
    out += failalloc(sched, runq, cpus, image, 100, "'many forks'")
    assert out.count("\nallocations by kernel threads: 0\n") == 2, out
    seen = lines_on_the_way(out, kernel)
    missed = {(site[0], function) for site, function in
              allocation_sites().items() if site not in seen}
    assert missed == AT_MOUNT, sorted(missed ^ AT_MOUNT)
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
