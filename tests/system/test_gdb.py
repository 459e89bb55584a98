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
                "bt", "peach-ps", "peach-runq", "peach-harts",
                "peach-bt 1", "info registers pc", "peach-trace",
                "peach-pt 0", "peach-pt 0 1", "peach-pt 0xffffffc080200000",
                "peach-pt 0x3000000000", "peach-pt 0 12345",
                "delete", "peach-user sleep", "hbreak main", "continue", "info symbol $pc",
                "kill"]
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


def test_events(session):
    """Harts and switches; the last one of a hart is to whom it runs."""
    lines = re.findall(r"^ +(\d+) us  hart (\d)  to pid (\d+)  \(switch (\d+)\)$",
                       session, re.M)
    assert lines, session
    runs = dict(re.findall(r"^hart (\d): pid (\d+) ", session, re.M))
    for hart in runs:
        numbers = [int(n) for _, h, _, n in lines if h == hart]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert [p for _, h, p, _ in lines if h == hart][-1] == runs[hart]


def test_page_tables(session):
    walks = re.split(r"^\w+, pid \d+: 0x", session, flags=re.M)[1:]
    text, init, kernel, nothing = walks[:4]
    for walk in (text, init):  # a page of text: read, execute, user
        assert re.search(r"level 0, entry +0: 0x\w+ VR-XU....\S?  physical 0x8",
                         walk), walk
    assert re.search(r"V..X-G\S+  physical 0x80200000$", kernel, re.M), kernel
    assert "nothing is mapped" in nothing
    assert "no such process" in session


def test_break_in_a_program(session):
    assert re.search(r"^main in section \.text of .*build/user/sleep", session,
                     re.M), session


# ---- record and replay ------------------------------------------------------

@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """A panic, recorded: (folder, what was printed)."""
    out = str(tmp_path_factory.mktemp("record") / "r")
    env = environment("lat pingpong 100", "rr", "shared", 10, 1,
                      dict(PARAMS="plant=free-page-twice", RECORDDIR=out))
    done = subprocess.run(["tests/run/record"], cwd=ROOT, env=env, timeout=100,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 254, done.stdout
    return out, done.stdout


def replay(out, switch, *commands):
    env = environment("", "rr", "shared", 10, 1, dict(
        RECORDDIR=out, GDBPORT=free_port(), GDB=GDB, SWITCH=switch,
        GDBOPTS="-batch"))
    script = f"{out}/script"
    with open(script, "w") as f:
        f.write("\n".join(commands) + "\n")
    env["GDBOPTS"] = f"-batch -x {script}"
    return subprocess.run(
        ["timeout", "-k", "5", "100", "tests/run/record", "-r"], cwd=ROOT,
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True).stdout


def test_replay_stops_at_the_switch_that_led_to_a_panic(record):
    out, told = record
    n = int(re.search(r"after (\d+) switches", told)[1])
    pid, at = re.search(r"^hart 0, pid (\d+) .* at (\d+) us", told, re.M).groups()
    said = replay(out, n, "p harts[0].switches", "p harts[0].proc->pid",
                  "hbreak panic", "continue", "bt 1",
                  "p harts[0].switches", "kill")
    assert f"$1 = {n}\n$2 = {pid}\n" in said.replace("\r", ""), said
    assert re.search(r"^#0 +panic", said, re.M), said
    assert re.search(rf"^\$\d+ = {n}$", said, re.M), said


def test_replay_repeats_what_was_printed(record):
    out, told = record
    said = replay(out, "", "continue")
    with open(f"{out}/console", errors="replace") as f:
        again = f.read().replace("\r", "")
    panic = told.split("panic: ")[1].split("exit status")[0]
    assert panic.strip() in again, said + again


def test_nothing_to_replay(tmp_path):
    said = replay(str(tmp_path), "")
    assert "make record" in said
