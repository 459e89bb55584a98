"""Trees to build in: a copy of the grader's own, and one of it for each
submission, in which the handed-in files take the place of ours.

build/grade/base is built once, with what the tree holds, so that in a copy of
it only what depends on a handed-in file is compiled again. What the tree itself
has compiled of these files is taken along.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import resource
import shutil
import subprocess

from frame.lab import ROOT, Lost, Wrong

GRADE = os.path.join(ROOT, "build/grade")
BASE = os.path.join(GRADE, "base")
# What make takes from the environment or an outer make, and must not here.
DROPPED = """MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES CMD PARAMS SCHED RUNQ HZ
DEBUG LLVM CPUS MEM CPU SEED DET ICOUNT FSSIZE LIMIT V T WORK UPROGS IMG WRITE
IMAGE KERNEL QEMUOPTS MONITOR FIRMWARE RR LAB FROM OUT ONLY JSON JUNIT HIDDEN
DEPTH SEEDS TIME""".split()


def environment(**more):
    env = {k: v for k, v in os.environ.items() if k not in DROPPED}
    env.update(more)
    return env


def listing(root):
    """The files of a tree: those that git would take, or all but products."""
    if os.path.exists(f"{root}/.git"):
        done = subprocess.run(
            ["git", "ls-files", "-coz", "--exclude-standard"], cwd=root,
            stdout=subprocess.PIPE, check=True)
        found = done.stdout.decode().split("\0")
        return sorted(f for f in found if f and os.path.isfile(f"{root}/{f}"))
    found = []
    for where, folders, files in os.walk(root):
        folders[:] = [d for d in folders if d not in ("__pycache__", ".git")
                      and not (where == root and d == "build")]
        found += [os.path.relpath(os.path.join(where, f), root) for f in files]
    return sorted(found)


def same(a, b):
    try:
        x, y = os.stat(a), os.stat(b)
    except OSError:
        return False
    return (x.st_size, x.st_mtime_ns) == (y.st_size, y.st_mtime_ns)


def sync(to):
    """Make the files of `to` those of the tree, leaving its products."""
    mine = listing(ROOT)
    for f in mine:
        if not same(f"{ROOT}/{f}", f"{to}/{f}"):
            os.makedirs(os.path.dirname(f"{to}/{f}"), exist_ok=True)
            shutil.copy2(f"{ROOT}/{f}", f"{to}/{f}")
    if os.path.isdir(to):
        for f in set(listing(to)) - set(mine):
            os.remove(f"{to}/{f}")


def limits():
    """For make and what it starts: a compiler can be kept busy, too."""
    resource.setrlimit(resource.RLIMIT_CPU, (300, 310))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 29, 1 << 29))


def first_error(said):
    for line in said.splitlines():
        if re.search(r"error:|Error:|undefined reference|\*\*\* ", line):
            return line.strip()
    return said.strip().splitlines()[-1] if said.strip() else "no message"


def make(tree, *words, log=None, flags=("WERROR=0",)):
    """Run make there; raise Lost with the first error if it fails."""
    command = ["make", "-s", "-j2", *flags, *words]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=3600, preexec_fn=limits)
    except subprocess.TimeoutExpired as e:
        raise Lost("files that compile", "no end of compiling") from e
    if log:
        with open(log, "a") as f:
            f.write(f"$ {' '.join(command)}\n{done.stdout}")
    if done.returncode != 0:
        raise Lost("files that compile", first_error(done.stdout))


# How each kind of thing is made: words for make.

def host_source(lab, prog):
    mine = f"tests/labs/{lab.name}/{prog}.c"
    if os.path.isfile(f"{ROOT}/{mine}"):
        return mine
    return f"tests/labs/{lab.name}/hidden/{prog}.c"


def host_words(lab, prog):
    """A host program: tests/run/labs.mk."""
    return ["lab-host", f"LABPROG={host_source(lab, prog)}",
            f"POLICIES={' '.join(lab.host[prog])}",
            f"LABPARTS={' '.join(lab.parts) if prog in lab.host else ''}"]


def kernel_words(sched="rr", runq="shared", hz=10, debug=0):
    return ["kernel", f"SCHED={sched}", f"RUNQ={runq}", f"HZ={hz}",
            f"DEBUG={debug}"]


def image_words(lab):
    return ["image", f"UPROGS={' '.join(lab.guests)}"]


@contextlib.contextmanager
def locked():
    os.makedirs(GRADE, exist_ok=True)
    with open(f"{GRADE}/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# Objects, and what makes an image of programs; never the jail.
COMPILED = ["objects", "user", "host/mkfs", "host/peachfs"]


def compiled():
    """Begin the base with what the tree has of them."""
    if os.path.exists(f"{BASE}/build"):
        return
    os.makedirs(f"{BASE}/build/host")
    for name in COMPILED:
        there, here = f"{ROOT}/build/{name}", f"{BASE}/build/{name}"
        if os.path.isdir(there):
            # Another make may be at it: what it has not finished, it renames.
            shutil.copytree(there, here,
                            ignore=shutil.ignore_patterns("*.o.*"))
        elif os.path.exists(there):
            shutil.copy2(there, here)


PREPARED = set()  # what this process has brought up to date


def prepare(lab):
    """Bring the base up to date, with what the lab needs built."""
    if lab.name in PREPARED:
        return
    PREPARED.add(lab.name)
    sync(BASE)
    compiled()
    wanted = [["lab-jail"]]
    wanted += [host_words(lab, p) for p in lab.host
               if "/hidden/" not in host_source(lab, p)]
    wanted += [kernel_words(**k) for k in lab.kernels]
    wanted += [image_words(lab)] if lab.kernels else []
    wanted += [[goal] for goal in lab.builds]
    with stand_ins(lab):
        build(wanted)


@contextlib.contextmanager
def stand_ins(lab):
    """In the base, something in the place of files that the tree lacks: what
    is built depends on which policies there are."""
    put = []
    for path in lab.files:
        for at in (f"{lab.folder}/{d}/{path}" for d in ("handout", "answer")):
            if os.path.isfile(at) and not os.path.exists(f"{BASE}/{path}"):
                shutil.copy2(at, f"{BASE}/{path}")
                put.append(path)
    yield
    for path in put:
        os.remove(f"{BASE}/{path}")


def build(wanted):
    for words in wanted:
        try:
            make(BASE, *words)
        except Lost as e:
            # In a student's own tree his files may not compile; but nothing
            # goes without the jail.
            if words == ["lab-jail"]:
                raise Wrong(f"make {' '.join(words)}: {e.got}") from e


def place(tree, lab, files):
    """Put the handed-in files into the place of ours."""
    for path in lab.files:
        at = os.path.join(tree, path)
        data = files.get(path)
        if data is not None and os.path.isfile(at):
            with open(at, "rb") as f:
                if f.read() == data:
                    continue
        if os.path.lexists(at):
            os.remove(at)
        if data is not None:
            os.makedirs(os.path.dirname(at), exist_ok=True)
            with open(at, "wb") as f:
                f.write(data)


class Work:
    """A submission in its place: built once, run under any term."""

    def __init__(self, lab, files, name):
        self.lab, self.files = lab, files
        self.missing = [f for f in lab.files
                        if f not in files and f not in lab.optional]
        self.made = {}
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", os.path.basename(name))
        self.folder = f"{GRADE}/{lab.name}/{plain or 'tree'}-{digest}"
        self.jail = f"{BASE}/build/host/lab/jail"
        self.tree, self.logs = f"{self.folder}/tree", f"{self.folder}/logs"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.logs)
        with locked():
            prepare(lab)
            subprocess.run(["cp", "-a", BASE, self.tree], check=True)
        if lab.hidden_from:
            shutil.copytree(lab.hidden_from,
                            f"{self.tree}/tests/labs/{lab.name}/hidden")
        place(self.tree, lab, files)

    def make(self, *words):
        """make, once for the same words; raises Lost again if it did."""
        if words not in self.made:
            try:
                make(self.tree, *words, log=f"{self.logs}/make")
                self.made[words] = None
            except Lost as e:
                self.made[words] = Lost(e.expected, self.because(e.got))
        if self.made[words]:
            raise self.made[words]

    def because(self, got):
        if self.missing:
            return f"{got} (not handed in: {' '.join(self.missing)})"
        return got

    def close(self, keep=False):
        """Leave the logs only."""
        if not keep:
            shutil.rmtree(self.tree, ignore_errors=True)
