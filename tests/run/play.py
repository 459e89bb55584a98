"""What twin, compare and diff share: a workload file, played by the simulator
and by the guest, and what the two print (docs/workload.md)."""

import collections
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SIM = os.path.join(ROOT, "build/host/sim")
MKFS = os.path.join(ROOT, "build/host/peachfs")
RUN = os.path.join(ROOT, "tests/run/run")
USER = os.path.join(ROOT, "build/user")
JOBS = os.path.join(ROOT, "sched/sim/work")

# A time that a task had a hart; times are in microseconds. The simulator adds
# how often the task had had one by then, and who waited when it got it.
Piece = collections.namedtuple("Piece", "begin end hart task turn waiting")
# A task; a time is None if it never came.
Task = collections.namedtuple("Task", "name start first end ran waited turns")
# ended: the names of the tasks that did, in that order, if the simulator tells.
Played = collections.namedtuple("Played", "pieces tasks chance text ended")


class Failed(Exception):
    """It cannot be done; the message says why."""


def end(message, status=2):
    print(message, file=sys.stderr)
    sys.exit(status)


def jobs():
    return sorted(f[:-5] for f in os.listdir(JOBS) if f.endswith(".work"))


def work_file(work):
    """The path of what WORK names: a file, or one of sched/sim/work/."""
    if not work:
        raise Failed("WORK=file is missing: a workload file, or one of these: "
                     + " ".join(jobs()))
    for path in (work, f"{JOBS}/{work}", f"{JOBS}/{work}.work"):
        if os.path.isfile(path):
            return path
    raise Failed(f"no workload file {work}; there are " + " ".join(jobs()))


def number(word):
    return None if word == "-" else float(word)


def read(text):
    """What was played, from the lines that were printed."""
    pieces, tasks, chance, ended = [], [], None, []
    for line in text.splitlines():
        kind, *w = line.split() or [""]
        if kind == "ran":
            pieces.append(Piece(float(w[0]), float(w[1]), int(w[2]), w[3],
                                int(w[4]) if len(w) > 4 else None, w[5:]))
        elif kind == "task":
            tasks.append(Task(w[0], *map(number, w[1:6]), int(w[6])))
        elif kind == "chance":
            chance = w[0]
        elif kind == "ended":
            ended = w
    return Played(pieces, tasks, chance, text, ended)


def simulate(path, policy, params="", chance=None, nudges=()):
    """Play it in the simulator. A nudge: (task, turn, ns)."""
    words = [SIM, "--work", path, "-p", policy, "--trace"]
    if params:
        words += ["--params", params]
    if chance:
        words += ["--chance", chance]
    with tempfile.NamedTemporaryFile("w", suffix=".nudges") as f:
        f.writelines(f"{t} {n} {ns}\n" for t, n, ns in nudges)
        f.flush()
        done = subprocess.run(words + ["--nudge", f.name], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(done.stderr.split("usage:")[0].strip() +
                     f"\nsim: status {done.returncode}")
    return read(done.stdout)


def image(path, where):
    """An image that holds the workload as /jobs/this.work."""
    out = os.path.join(where, "fs.img")
    subprocess.run([MKFS, "build", out, "-s", "512K", "-i", "64"] +
                   [f"{p}={USER}/{p}.s" for p in ("init", "sh", "work")] +
                   [f"jobs/this.work={path}"], check=True)
    return out


def guest(path, kernel, **options):
    """Play it in the guest, under DET=1."""
    env = {k: v for k, v in os.environ.items() if k not in ("IMG", "CPU")}
    with tempfile.TemporaryDirectory() as where:
        env.update(KERNEL=kernel, IMAGE=image(path, where), CPUS="1", DET="1",
                   MEM="64M", CMD="work this", WRITE="0")
        env.update(options)
        done = subprocess.run([RUN], env=env, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, capture_output=True)
    played = read(done.stdout)
    if done.returncode != 0 or not played.tasks:
        raise Failed(f"the guest failed, status {done.returncode}:\n"
                     f"{done.stdout}{done.stderr}".rstrip())
    return played
