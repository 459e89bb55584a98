"""gdb sees processes and run queues (tests/run/peach.gdb)."""

import re
import shutil
import socket
import subprocess

import pytest
from conftest import ROOT, RUN, build, environment

GDB = shutil.which("gdb-multiarch") or shutil.which("riscv64-unknown-elf-gdb")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def session():
    """What gdb prints when a process exits while others sleep."""
    assert GDB, 'no gdb: "make setup test" installs it'
    port = free_port()
    env = environment("sh -c 'sleep 100 | cat & true; sleep 100'", "rr",
                      "shared", 10, 0, dict(GDBPORT=port, CPUS=2))
    qemu = subprocess.Popen(["timeout", "-k", "5", "120", RUN, "-g"], cwd=ROOT,
                            env=env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL)
    commands = ["set architecture riscv:rv64",
                "set tcp connect-timeout 30",
                f"target remote 127.0.0.1:{port}",
                "source tests/run/peach.gdb", "hbreak proc_exit", "continue",
                "bt", "ps", "runqs", "harts", "pbt 1",
                "info registers pc", "kill"]
    try:
        return subprocess.run(
            [GDB, "-q", "-batch", "-nx", build()] +
            [w for c in commands for w in ("-ex", c)], cwd=ROOT, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=100).stdout
    finally:
        qemu.terminate()
        qemu.wait()


def test_backtrace(session):
    assert re.search(r"#0 .*proc_exit", session), session
    assert re.search(r"#\d+ .*sys_exit", session), session


def test_processes(session):
    lines = re.findall(r"^ +(\d+) +(\d+) (\w+) .* (\w+)$", session, re.M)
    assert ("1", "0", "sleeping", "init") in lines, session
    assert any(state == "running" for _, _, state, _ in lines), session


def test_queues(session):
    assert re.search(r"^queue 0 \(rr, shared\): \d+ ready, harts 0x3", session,
                     re.M), session
    assert re.search(r"^    running +pid \d+ \w+, on hart \d", session,
                     re.M), session


def test_harts(session):
    assert len(re.findall(r"^hart \d: (idle|pid)", session, re.M)) == 2


def test_where_a_process_sleeps(session):
    assert re.search(r"#\d+ .* in proc_wait ", session), session
    # And the hart is left as it was.
    assert re.search(r"^pc .*<proc_exit", session, re.M), session
