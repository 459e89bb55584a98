"""Booting a guest for an item.

The image gets a file with a word of this boot, and holds what was told when
the guest has ended.  QEMU's limit is CPU time, so that a busy host changes
nothing; a guest that waits for what never comes uses none, and is seen by
that.
"""

import os
import re
import resource
import secrets
import signal
import subprocess
import time

from frame.run import Run, in_jail, keep, read_told
from frame.tree import BASE, environment

MOST_FILE = 80 << 20  # bytes of the console, and of the image
IDLE = 5  # seconds without CPU time that mean: for ever
IDLE_REAL = 30  # where the guest's time is the host's


class Watch:
    """How much CPU time a process and its threads use, and do they want
    more?"""

    def __init__(self, pid):
        self.pid, self.mark, self.since = pid, -1.0, time.monotonic()

    def look(self):
        """(seconds used, does a thread run or wait for a core?)"""
        with open(f"/proc/{self.pid}/stat") as f:
            words = f.read().rpartition(")")[2].split()
        used = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        states = []
        for t in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{t}/stat") as f:
                states.append(f.read().rpartition(")")[2].split()[0])
        return used, bool(set(states) & {"R", "D"})

    def idle(self):
        """For how many seconds it has had nothing to do."""
        try:
            used, wants = self.look()
        except OSError:  # it has ended, or there is no /proc
            return 0
        if wants or used - self.mark > 0.02 * (
                time.monotonic() - self.since) + 0.05:
            self.mark, self.since = used, time.monotonic()
        return time.monotonic() - self.since


def limits(cpu):
    def set_them():
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE, MOST_FILE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return set_them


def image(work, to, nonce):
    """The image of the tree, and the word of this boot."""
    with open(f"{work.tree}/build/user/image") as f:
        size, *names = f.read().split()
    with open(f"{to}.nonce", "w") as f:
        f.write(nonce)
    names += [f"{name}={path}" for name, path in work.lab.image.items()]
    subprocess.run([f"{BASE}/build/host/peachfs", "build", to, "-s", size,
                    *names, f"lab.nonce={to}.nonce"], cwd=work.tree, check=True)
    os.remove(f"{to}.nonce")


def wait(process, cpu, real):
    """Wait until QEMU has ended: "" or why it was ended."""
    watch = Watch(process.pid)
    deadline = time.monotonic() + 30 * cpu + 60
    while True:
        try:
            process.wait(0.1)
            return ""
        except subprocess.TimeoutExpired:
            pass
        if watch.idle() > (IDLE_REAL if real else IDLE):
            why = "hangs: it waits for ever, and nothing runs"
        elif time.monotonic() > deadline:
            why = f"hangs: no end after {30 * cpu + 60} s"
        else:
            continue
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return why


def reason(status, cpu, console):
    """Why a guest ended before all was told."""
    panic = re.search(r"^panic: (.*)$", console, re.M)
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"hangs: used {cpu} s of CPU time"
    if status == -signal.SIGXFSZ:
        return f"prints more than {MOST_FILE >> 20} MB"
    if status < 0:
        return f"QEMU ends by {signal.Signals(-status).name}"
    if status == 254 or panic:
        return f"panics: {panic[1].strip()[:200] if panic else 'no message'}"
    if status == 0:
        return "powers off, or ends, before all was told"
    return f"ends with status {status} before all was told"


def boot(work, kernel, cmd, params, seed, cpus, mem, det, disk, cpu, log):
    """Boot the kernel and run cmd; a Run."""
    nonce = secrets.token_hex(16)
    at = f"{log}.img"
    image(work, at, nonce)
    env = environment(
        KERNEL=kernel, IMAGE=at, CMD=cmd, PARAMS=params, SEED=str(seed),
        CPUS=str(cpus), MEM=mem, WRITE="1", RUN_INNER="1")
    if det and disk:
        env["ICOUNT"] = "3"
    elif det:
        env["DET"] = "1"
    console = f"{log}.console"
    process = subprocess.Popen(
        [f"{BASE}/tests/run/run", "-display", "none", "-serial",
         f"file:{console}", "-monitor", "none"],
        cwd=work.tree, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=limits(cpu), start_new_session=True)
    try:
        why = wait(process, cpu, not det or disk)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    errors = process.stderr.read().decode(errors="replace")
    process.stderr.close()
    out = ""
    if os.path.exists(console):
        with open(console, errors="replace") as f:
            out = f.read(1 << 20)
        if os.path.getsize(console) > 1 << 20:
            os.truncate(console, 1 << 20)
    _, (data,) = in_jail(work.tree, work.jail, [
        f"{BASE}/build/host/peachfs", "cat", at, "lab.told"], 10)
    told, ended = read_told(data, nonce)
    os.remove(at)
    status = process.returncode
    if not why and (not ended or status == 254 or status < 0):
        why = reason(status, cpu, out)
    keep(log, ["boot", cmd], status, why, out[-20000:] + errors, told)
    return Run(status, out, told, why)
