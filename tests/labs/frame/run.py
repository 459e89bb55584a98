"""Running what has a student's code in it, within limits, and hearing what it
tells.

A verdict is a line that begins with a word of this run, which came to the
program by a way of its own.  The exit status and the limits say how it ended;
what it printed is kept, and means nothing.
"""

import os
import re
import secrets
import selectors
import signal
import subprocess
import time

from frame.lab import Lost

MOST_OUT = 1 << 20  # bytes kept of what a program prints
MOST_TOLD = 16 << 20
MEGABYTES = 1024

# What a policy's object may call: what the compiler itself makes calls of.
COMPILERS = re.compile(r"mem(set|cpy|move|cmp)|__stack_chk_fail"
                       r"|_GLOBAL_OFFSET_TABLE_|__u?(div|mod|mul|ashl|lshr|ashr"
                       r"|popcount|clz|ctz|float|fix|cmp)\w*")
HEADERS = re.compile(r"sched/(?!core\.h|inside\.h)\w+\.h|std(bool|def|int)\.h"
                     r"|limits\.h")


class Run:
    """A run that has ended."""

    def __init__(self, status, out, told, why):
        self.status, self.out, self.why = status, out, why
        self._told = told

    def all(self, key):
        return [text for k, text in self._told if k == key]

    def told(self, key):
        """What was told last under the key; Lost if nothing was."""
        found = self.all(key)
        if not found:
            raise Lost(f"a run that tells {key}", self.why or
                       "an end before it was told")
        return found[-1]

    def good(self):
        if self.why:
            raise Lost("a run that ends in order", self.why)
        return self


def read_told(data, nonce):
    """[(key, text)] of the lines with the right word, and was all told?"""
    told = []
    for line in data.decode(errors="replace").splitlines():
        words = line.split(" ", 2)
        if len(words) > 1 and words[0] == nonce:
            told.append((words[1], words[2] if len(words) > 2 else ""))
    ended = [k for k, _ in told if k == "end"]
    return [t for t in told if t[0] != "end"], bool(ended)


# ---- a child in jail --------------------------------------------------------

def pump(process, pipes, deadline):
    """Read the pipes until they end, each up to its number of bytes."""
    got = {fd: bytearray() for fd in pipes}
    ended = None
    with selectors.DefaultSelector() as sel:
        for fd in pipes:
            os.set_blocking(fd, False)
            sel.register(fd, selectors.EVENT_READ)
        while sel.get_map() and time.monotonic() < deadline:
            ready = sel.select(0.1)
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                room = pipes[key.fd] - len(got[key.fd])
                got[key.fd] += data[:max(room, 0)]
                if not data:
                    sel.unregister(key.fd)
            # What outlives the program may hold its pipes: not for long.
            if process.poll() is not None:
                ended = ended or time.monotonic()
                if not ready or time.monotonic() > ended + 1:
                    break
    return got


def end(process):
    """End it, and whatever it started in its session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def in_jail(tree, jail, command, cpu, forks=False, fds=(), hello=b""):
    """Run it; its status, and what it wrote: first what it printed.  Status
    None: it did not end in many times its CPU time."""
    out, into = os.pipe()
    words = [jail, *(["-f"] if forks else []), str(cpu), str(MEGABYTES),
             *command]
    process = subprocess.Popen(
        words, cwd=tree, stdin=subprocess.PIPE, stdout=into, stderr=into,
        pass_fds=[w for _, w in fds], start_new_session=True,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"})
    os.close(into)
    for _, w in fds:
        os.close(w)
    try:
        process.stdin.write(hello)
        process.stdin.close()
    except BrokenPipeError:
        pass
    pipes = {out: MOST_OUT, **{r: MOST_TOLD for r, _ in fds}}
    got = pump(process, pipes, time.monotonic() + 20 * cpu + 60)
    # Its pipes may be closed, and it itself go on, up to its limit.
    try:
        process.wait(20 * cpu + 60 if not forks else 10)
    except subprocess.TimeoutExpired:
        pass
    status = process.poll()
    end(process)
    for fd in pipes:
        os.close(fd)
    texts = [bytes(got[out])] + [bytes(got[r]) for r, _ in fds]
    return status, texts


def reason(status, cpu, out):
    """Why a program ended that did not end in order."""
    last = out.strip().splitlines()[-1:] or [""]
    said = f": {last[0][:200]}" if last[0] else ""
    if status is None:
        return f"hangs: no end after {20 * cpu + 60} s"
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"hangs: used {cpu} s of CPU time"
    if status < 0:
        return f"crashes: {signal.Signals(-status).name}{said}"
    return f"ends with status {status} before its time{said}"


def host(work, program, args, cpu, log):
    """Run a host program, which tells over a pipe."""
    nonce = secrets.token_hex(16)
    r, w = os.pipe()
    status, (out, data) = in_jail(
        work.tree, f"{work.jail}", [program, *map(str, args)], cpu,
        fds=[(r, w)], hello=f"{w} {nonce}\n".encode())
    out = out.decode(errors="replace")
    told, ended = read_told(data, nonce)
    broken = [text for key, text in told if key == "broken"]
    why = ""
    if broken:
        why = f"what must hold does not: {broken[0]}"
    elif not ended or status != 0:
        why = reason(status, cpu, out)
    keep(log, [program, *args], status, why, out, told)
    return Run(status, out, told, why)


def printed(work, command, cpu, log, forks=False):
    """Run a program whose verdict is its status and what it prints: only for
    policies that were looked at before (pure)."""
    status, (out,) = in_jail(work.tree, work.jail, command, cpu, forks)
    out = out.decode(errors="replace")
    why = "" if status == 0 else reason(status, cpu, out)
    keep(log, command, status, why, out, [])
    return Run(status, out, [], why)


def keep(log, command, status, why, out, told):
    with open(log, "a") as f:
        f.write(f"$ {' '.join(map(str, command))}\n{out}")
        f.writelines(f"told {key}: {text}\n" for key, text in told)
        f.write(f"status {status} {why}\n\n")


# ---- what can be told of a policy without running it ------------------------

def pure(facts, source):
    """What is wrong with a policy's file, or "": promises (1) and (2)."""
    with open(facts) as f:
        for line in f:
            what, _, name = line.strip().partition(" ")
            if what == "calls" and not COMPILERS.fullmatch(name):
                return f"it calls {name}: a policy calls nobody, promise (1)"
            if what == "data":
                return f"{name} can be written: a policy has no static data " \
                       "that changes, promise (1)"
            if what == "include" and not HEADERS.fullmatch(name):
                return f"it includes {name}, promise (2)"
    return strange(source)


def strange(source):
    """What a file that only computes has no need of, or ""."""
    with open(source, errors="replace") as f:
        found = re.search(r"\b_*(asm|constructor|destructor|ifunc)_*\b"
                          r"|\b_*section_*\s*\(", f.read())
    return f"it holds {found[0]}, which it does not need" if found else ""


def part(built, source, known):
    """What is wrong with a file that is to refer to nothing but what is known,
    or ""."""
    done = subprocess.run(["nm", "-u", built], text=True, check=True,
                          stdout=subprocess.PIPE)
    for line in done.stdout.splitlines():
        name = line.split()[-1]
        if name not in known and not COMPILERS.fullmatch(name):
            return f"it refers to {name}"
    return strange(source)
