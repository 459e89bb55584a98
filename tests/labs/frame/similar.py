"""How alike submissions are, and how like the shipped files: sim_c of Debian's
package similarity-tester, which compares C token by token, whatever the names,
the order of functions, the comments and the layout are.
"""

import glob
import os
import re
import shutil
import subprocess
import tempfile

from frame import intake
from frame.lab import ROOT, Wrong

MOST_SHOWN = 200
SHORTEST = "30"  # tokens of a run that counts


def collect(lab, folder, to):
    """A folder for each submission: {its file: submission/path}."""
    found = {}
    for name in sorted(os.listdir(folder)):
        source = os.path.join(folder, name)
        if name.startswith("."):
            continue
        try:
            files = intake.take(lab, source)
        except (Wrong, intake.Refused) as e:
            print(f"left out: {name}: {e}")
            continue
        for path, data in files.items():
            if not path.endswith((".c", ".h", ".S")):
                continue
            at = f"{to}/{len(found):05d}.c"
            with open(at, "wb") as f:
                f.write(data)
            found[at] = (name, path)
    return found


def shipped(lab, to):
    """The same of the tree: what is handed in, and the policies."""
    found = {}
    paths = set(lab.files)
    if any(p.startswith("sched/") for p in lab.files):
        paths |= {os.path.relpath(p, ROOT)
                  for p in glob.glob(f"{ROOT}/sched/*.c")}
    for path in sorted(paths):
        if os.path.isfile(f"{ROOT}/{path}") and path.endswith((".c", ".S")):
            at = f"{to}/s{len(found):04d}.c"
            shutil.copy(f"{ROOT}/{path}", at)
            found[at] = ("shipped", path)
    return found


def report(lab, folder):
    if not shutil.which("sim_c"):
        raise Wrong('no sim_c found: "make setup similar" installs it')
    if not os.path.isdir(folder):
        raise Wrong(f"FROM={folder}: no such folder")
    with tempfile.TemporaryDirectory() as to:
        new = collect(lab, folder, to)
        if not new:
            raise Wrong(f"FROM={folder}: no submission of {lab.name} in it")
        old = shipped(lab, to)
        done = subprocess.run(
            ["sim_c", "-p", "-R", "-e", "-r", SHORTEST, *new, "/", *old],
            text=True, stdout=subprocess.PIPE, check=True)
        show(done.stdout, {**new, **old})


def show(said, names):
    """Percentages, the greatest first."""
    rows = []
    for a, n, b in re.findall(
            r"^(\S+) consists for (\d+) % of (\S+) material", said, re.M):
        (who, path), (other, theirs) = names[a], names[b]
        if who != other and who != "shipped":
            rows.append((int(n), who, path, other, theirs))
    rows.sort(key=lambda r: (-r[0], r[1:]))
    for n, who, path, other, theirs in rows[:MOST_SHOWN]:
        print(f"{n:3d} %  {who} {path}  is found in  {other} {theirs}")
    print(f"{len(rows)} pairs share material; {min(len(rows), MOST_SHOWN)} "
          "shown")
