"""What the whole-system tests share: building kernels, booting guests.

A test boots by `guest(...)`, which runs one command to its end through
tests/run/run, or by `console(...)`, which gives the interactive console.
Both end by themselves: LIMIT seconds after which the test fails and says so.
Each guest carries a name that no other has, by which a QEMU that was left
behind is found at the end.
"""

import contextlib
import fcntl
import functools
import os
import re
import shutil
import subprocess
import sys
import uuid

import pexpect
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
RUN = os.path.join(ROOT, "tests/run/run")
MARK = f"peach-test-{uuid.uuid4().hex[:12]}"
LIMIT = 120
# MATRIX=1 in the environment: all values with all others; else a part of them
# that holds each value.
MATRIX = bool(os.environ.get("MATRIX"))


def pytest_configure(config):
    """Without xdist its mark has to be known all the same."""
    config.addinivalue_line("markers", "xdist_group(name): on one worker")


def make_environment():
    """The environment without what an outer make has put into it."""
    return {k: v for k, v in os.environ.items()
            if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "CMD", "PARAMS")}


def make(*words, cwd=ROOT, check=True, timeout=300, **env):
    """Run make; return its CompletedProcess, output and errors in stdout."""
    done = subprocess.run(
        ["make", *words], cwd=cwd, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=timeout, errors="replace", env={**make_environment(), **env})
    if check:
        assert done.returncode == 0, done.stdout
    return done


# What a copy of the tree takes along of build/, so as not to compile it again.
COMPILED = re.compile(r"objects|user$|host$|mkfs$|peachfs$|check$|sim")


def copy_tree(to, compiled=True):
    """A copy of the sources, to be changed, and of what was made of them."""
    def left_out(folder, names):
        at = os.path.relpath(folder, ROOT)
        return [n for n in names if n in (".git", "__pycache__") or
                at == "." and n == "build" and not compiled or
                at in ("build", "build/host") and not COMPILED.match(n)]

    os.makedirs(f"{ROOT}/build", exist_ok=True)
    with open(f"{ROOT}/build/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return shutil.copytree(ROOT, to, symlinks=True, ignore=left_out)


def run_in(tree, *words):
    """make run in a copy of the tree; its CompletedProcess."""
    return subprocess.run(
        ["make", "-s", "-j2", *words, f"QEMUOPTS=-name {MARK}", "run"],
        cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
        env=make_environment())


@functools.cache
def build(sched="rr", runq="shared", hz=10, debug=0):
    """Make a kernel and the image, at most once; return the kernel's path."""
    os.makedirs(f"{ROOT}/build", exist_ok=True)
    with open(f"{ROOT}/build/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make("-s", "-j2", f"SCHED={sched}", f"RUNQ={runq}", f"HZ={hz}",
             f"DEBUG={debug}", "all")
    suffix = "-debug" if debug else ""
    return f"{ROOT}/build/{sched}-{runq}-hz{hz}{suffix}/kernel.elf"


def known(what):
    """The policies or queue modes that there are, as make knows them."""
    text = make("help").stdout
    return re.search(rf"{what}: ([^.]*)\.", text).group(1).split()


@functools.cache
def qemu_is_known():
    """Ask QEMU once for its version, and not again at each boot."""
    subprocess.run([RUN, "-c"], check=True, env=make_environment())
    return "1"


def environment(cmd, sched, runq, hz, debug, options):
    env = make_environment()
    for name in ("CPUS MEM SEED DET ICOUNT CPU LIMIT QEMU IMG WRITE MONITOR "
                 "FIRMWARE").split():
        env.pop(name, None)
    env.update(KERNEL=build(sched, runq, hz, debug), CMD=cmd, LIMIT=str(LIMIT),
               IMAGE=f"{ROOT}/build/user/fs.img")
    env.update({k: str(v) for k, v in options.items()})
    if "QEMU" not in options:
        env["KNOWN_QEMU"] = qemu_is_known()
    env["QEMUOPTS"] = f"-name {MARK} " + env.get("QEMUOPTS", "")
    return env


class Ended:
    """A run that has ended: its status, its output, with and without the
    last line."""

    def __init__(self, done):
        self.status = done.returncode
        self.errors = done.stderr.decode(errors="replace")
        self.raw = done.stdout
        self.all = done.stdout.decode(errors="replace").replace("\r\n", "\n")
        self.out = re.sub(r"exit status \d+\n\Z", "", self.all)

    def ok(self):
        """Assert that it ended with status 0; return self."""
        assert self.status == 0, f"status {self.status}\n{self.all}{self.errors}"
        return self

    def __repr__(self):
        return f"<status {self.status}>\n{self.all}{self.errors}"


def guest(cmd, sched="rr", runq="shared", hz=10, debug=0, **options):
    """Boot, run cmd, power off; return an Ended."""
    env = environment(cmd, sched, runq, hz, debug, options)
    return Ended(subprocess.run(
        [RUN], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=int(env["LIMIT"]) + 60))


@contextlib.contextmanager
def load():
    """Keep each core of the host busy twice over."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
               for _ in range(2 * os.cpu_count())]
    try:
        yield
    finally:
        for b in burners:
            b.kill()
            b.wait()


class Console:
    """An interactive guest; `expect` fails by itself after LIMIT seconds."""

    PROMPT = r"\$ $"

    def __init__(self, env):
        self.pty = pexpect.spawn(
            "timeout", ["--foreground", "-k", "5", "300", RUN, "-i"], cwd=ROOT,
            env=env, timeout=60, encoding="utf-8", codec_errors="replace",
            dimensions=(24, 200))
        self.pty.delaybeforesend = None

    def expect(self, pattern, timeout=60):
        """Wait for pattern; return the text before it."""
        try:
            self.pty.expect(pattern, timeout=timeout)
        except pexpect.ExceptionPexpect:
            why = f"no {pattern!r} within {timeout} s"
        else:
            return self.pty.before
        pytest.fail(f"{why}; the console: {self.pty.before!r}")

    def prompt(self, timeout=60):
        return self.expect(self.PROMPT, timeout)

    def send(self, text):
        self.pty.send(text)

    def line(self, text):
        """Type a line; return what came between it and the next prompt."""
        self.pty.send(text + "\n")
        answer = self.prompt().replace("\r", "")
        return answer.split("\n", 1)[1] if "\n" in answer else answer

    def control(self, letter):
        self.pty.sendcontrol(letter)

    def expect_end(self, timeout=60):
        """Wait until QEMU has ended by itself."""
        self.expect(pexpect.EOF, timeout)

    def close(self):
        """Leave by QEMU's own keys, and by force if that fails."""
        if self.pty.isalive():
            self.pty.send("\x01x")
            try:
                self.pty.expect(pexpect.EOF, timeout=10)
            except pexpect.ExceptionPexpect:
                pass
        self.pty.close(force=True)


@pytest.fixture
def console():
    """A function that boots an interactive guest, which ends with the test."""
    opened = []

    def boot(sched="rr", runq="shared", hz=10, debug=0, **options):
        env = environment("", sched, runq, hz, debug, options)
        opened.append(Console(env))
        return opened[-1]

    yield boot
    for c in opened:
        c.close()


def qemus(mark=MARK):
    """Ids of the QEMU processes that carry the mark."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
        except OSError:
            continue
        if mark.encode() in words and b"qemu-system" in words[0]:
            found.append(int(pid))
    return found


def pytest_sessionfinish(session, exitstatus):
    left = qemus()
    if left:
        print(f"QEMU left behind: {left}", file=sys.stderr)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def none_left():
    """No test leaves a QEMU behind."""
    yield
    assert qemus() == [], "the test left a QEMU process behind"
