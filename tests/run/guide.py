"""The commands that a page shows, run again: read, compare, write anew.

A fenced block whose language is `console` holds commands and what they print:

    ```console
    $ make run DET=1 CMD='echo hello'
    hello
    exit status 0
    ```

A line `...` stands for any number of lines.  What a guest prints is compared
word by word, and its numbers may differ by a tenth, or by 2, since a change of
the kernel, or another compiler, moves them a little; exit statuses may not.
The columns of a timeline do not count.  What only this machine computes must be
the same to the letter.
"""

import fcntl
import os
import re
import shlex
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
# What the line of a timeline begins with; its columns may move.
CHART = re.compile(r"^(. +\d+ \w+ {2,}|  hart +\d+ {2,})[-#+.A-Z ]+$")
BUILT = ("SCHED", "RUNQ", "HZ", "DEBUG")
GONE = ("MAKEFLAGS MAKELEVEL MFLAGS CMD PARAMS CPUS DET SEED ICOUNT SCHED "
        "RUNQ HZ DEBUG LIMIT MEM").split()


class Example:
    """A command of a page, and the lines that the page shows below it."""

    def __init__(self, page, command, shown):
        self.page, self.command, self.shown = page, command, shown

    def __repr__(self):
        return f"{os.path.basename(self.page)}: $ {self.command}"

    def in_guest(self):
        return re.search(r"\bmake (-s )?(run|twin)\b", self.command)


def split_block(text):
    """(command, lines) for each command; one may go on behind a backslash,
    or while a quote is open."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif found and not found[-1][1] and unfinished(found[-1][0]):
            found[-1][0] += "\n" + line
        elif found:
            found[-1][1].append(line)
        else:
            raise ValueError(f"output without a command: {line}")
    return [(c, lines) for c, lines in found]


def unfinished(command):
    try:
        shlex.split(command)
    except ValueError:
        return True
    return command.endswith("\\")


def examples(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        text = f.read()
    return [Example(path, c, lines) for b in BLOCK.findall(text)
            for c, lines in split_block(b)]


def environment():
    return {k: v for k, v in os.environ.items() if k not in GONE}


def build(command):
    """What the command needs, so that it prints only what it is about."""
    words = re.findall(rf"\b((?:{'|'.join(BUILT)})=\w+)", command)
    goals = []
    if re.search(r"\bmake (-s )?(run|twin)\b", command):
        goals.append("all")
    if re.search(r"build/host/sim| diff | twin ", command):
        goals.append("sim")
    if not goals:
        return
    os.makedirs(f"{ROOT}/build", exist_ok=True)
    with open(f"{ROOT}/build/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", *words, *goals], cwd=ROOT, check=True,
                       env=environment())


def run(command):
    """The lines that it prints, as one who types it sees them."""
    build(command)
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=environment(), timeout=400,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    text = done.stdout.decode(errors="replace").replace("\r\n", "\n")
    return [re.sub(r"^(make: \*\*\* \[)\S+:\d+: ", r"\1", l.rstrip())
            for l in text.splitlines()]


def near(a, b):
    """Two numbers as they are printed."""
    x, y = float(a), float(b)
    return abs(x - y) <= max(2 if "." not in a + b else 0.05,
                             0.1 * max(x, y))


def same_line(shown, came, exact):
    if exact or shown.startswith("exit status"):
        return shown.rstrip() == came
    shown, came = (" ".join(CHART.sub(r"\1", l).split())
                   for l in (shown, came))
    return NUMBER.sub("0", shown) == NUMBER.sub("0", came) and \
        all(map(near, NUMBER.findall(shown), NUMBER.findall(came)))


def differs(shown, came, exact):
    """None if what came is what is shown, else the first line that differs."""
    if not shown:
        return None if not came else f"not shown: {came[0]}"
    if shown[0].strip() == "...":
        if any(differs(shown[1:], came[i:], exact) is None
               for i in range(len(came) + 1)):
            return None
        return f"nothing fits what follows `...`: {(shown + [''])[1]}"
    if not came:
        return f"did not come: {shown[0]}"
    if not same_line(shown[0], came[0], exact):
        return f"shown: {shown[0]}\ncame:  {came[0]}"
    return differs(shown[1:], came[1:], exact)


def check(example):
    """None, or what is wrong."""
    came = run(example.command)
    wrong = differs(example.shown, came, not example.in_guest())
    return wrong and "\n".join([repr(example), wrong, "all of it:", *came])


# ---- written anew -----------------------------------------------------------

def cut_like(shown, came):
    """What came, with lines left out where the page leaves some out: each run
    of lines between two `...` is looked for by its first line's words."""
    out, at, i = [], 0, 0
    while i < len(shown):
        if shown[i].strip() != "...":
            if at >= len(came):
                return None
            out.append(came[at])
            at, i = at + 1, i + 1
            continue
        out.append("...")
        rest = shown[i + 1:]
        if not rest:
            return out
        form = NUMBER.sub("0", " ".join(rest[0].split()))
        while at < len(came) and \
                NUMBER.sub("0", " ".join(came[at].split())) != form:
            at += 1
        i += 1
    return out if at == len(came) else None


def write_block(text):
    """The block with what its commands print now."""
    lines = []
    for command, shown in split_block(text):
        came = run(command)
        if "..." in [s.strip() for s in shown]:
            came = cut_like(shown, came) or came
        lines += [f"$ {command}", *came]
    return "```console\n" + "".join(l.rstrip() + "\n" for l in lines) + "```"


def rewrite(path):
    """All examples of a page anew.  True if it has changed."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        text = f.read()
    new = BLOCK.sub(lambda m: write_block(m.group(1)), text)
    if new == text:
        return False
    with open(os.path.join(ROOT, path), "w", encoding="utf-8") as f:
        f.write(new)
    return True
