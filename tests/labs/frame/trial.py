"""test-labs: the grader graded.

For each lab: the reference gets full points under all terms, the untouched
handout builds and gets less than 20 %, and each wrong answer loses exactly the
items that it names.  Two gradings run at a time.
"""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed

from frame import grade, handout, intake, report, tree
from frame.lab import DEFAULT_TERM, ROOT, Lost, Wrong


def reference(lab, seed):
    """The files of the reference answer: {path: bytes}."""
    with tempfile.TemporaryDirectory() as to:
        write_reference(lab, to)
        change_reference(lab, to, seed)
        return read(lab, to)


def write_reference(lab, to):
    answer = handout.overlay(lab, "answer")
    for path in lab.files:
        at = answer.get(path, f"{ROOT}/{path}")
        if os.path.isfile(at):
            os.makedirs(os.path.dirname(f"{to}/{path}"), exist_ok=True)
            shutil.copy(at, f"{to}/{path}")


def change_reference(lab, to, seed):
    if lab.make_reference:
        lab.make_reference(to, lab.values(seed))


def read(lab, folder):
    return intake.take(lab, folder)


class WrongAnswer:
    def __init__(self, lab, path):
        self.path, self.name = path, os.path.basename(path)[:-len(".patch")]
        with open(path) as f:
            head = re.split(r"^(?:---|diff) ", f.read(), maxsplit=1,
                            flags=re.M)[0]
        said = dict(re.findall(r"^(Loses|Term): (.*)$", head, re.M))
        if "Loses" not in said:
            raise Wrong(f"{path}: no line Loses:")
        names = [i.name for i in lab.items]
        self.loses = re.split(r"[, ]+", said["Loses"].strip())
        if self.loses == ["all"]:
            self.loses = names
        for n in self.loses:
            if n not in names:
                raise Wrong(f"{path}: Loses: {n}: no such item")
        self.term = said.get("Term", DEFAULT_TERM)

    def files(self, lab):
        with tempfile.TemporaryDirectory() as to:
            write_reference(lab, to)
            done = subprocess.run(
                ["patch", "-s", "-p1", "--fuzz=0", "-d", to, "-i",
                 os.path.abspath(self.path)], text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                raise Wrong(f"{self.path} does not apply: {done.stdout}")
            change_reference(lab, to, self.term)
            return read(lab, to)


def wrong_answers(lab):
    return [WrongAnswer(lab, p)
            for p in sorted(glob.glob(f"{lab.folder}/wrong/*.patch"))]


# ---- one trial each: a row (name, as it should be?, what came) --------------

def names(results):
    return " ".join(r.item.name for r in results if not r.full) or "nothing"


def said(results):
    return "".join(f"\n      {r.item.name}: expected {r.expected[:300]}, got "
                   f"{r.got[:300]}" for r in results if not r.full)


def try_reference(lab, seeds):
    # Where the answer does not depend on the term, it is built once.
    work, bad = None, []
    for n in range(1, seeds + 1):
        seed = str(n)
        if work is None or lab.make_reference:
            if work:
                work.close()
            work = tree.Work(lab, reference(lab, seed), "reference")
        results = grade.grade(lab, work, seed, lab.items)
        if not all(r.full for r in results):
            bad.append(f"TERM={seed}: loses {names(results)}{said(results)}")
    work.close()
    what = f"full points under {seeds - len(bad)} of {seeds} terms"
    return "reference", not bad, "\n    ".join([what, *bad])


def try_handout(lab):
    with tempfile.TemporaryDirectory() as to:
        handout.write(lab, f"{to}/tree", DEFAULT_TERM)
        with tree.locked():  # what is as in our tree, is compiled already
            tree.prepare(lab)
            shutil.copytree(f"{tree.BASE}/build", f"{to}/tree/build")
        try:
            tree.make(f"{to}/tree", "all", flags=())  # as a student does
        except Lost as e:
            return "handout", False, f"does not build: {e.got}"
        files = intake.take(lab, f"{to}/tree")
    work = tree.Work(lab, files, "handout")
    results = grade.grade(lab, work, DEFAULT_TERM, lab.items)
    work.close()
    got, most = report.total(results)
    return "handout", got * 5 < most, f"builds; {got} of {most} points"


def try_wrong(lab, wrong):
    work = tree.Work(lab, wrong.files(lab), f"wrong-{wrong.name}")
    results = grade.grade(lab, work, wrong.term, lab.items)
    work.close()
    lost = [r.item.name for r in results if not r.full]
    right = sorted(lost) == sorted(wrong.loses)
    what = f"loses {names(results)}"
    if not right:
        what += f", should lose {' '.join(wrong.loses)}{said(results)}"
    return f"wrong/{wrong.name}", right, what


def trials(lab, seeds, only):
    answers = wrong_answers(lab)
    if only:
        chosen = [w for w in answers if w.name == only]
        if not chosen:
            raise Wrong(f"lab {lab.name} has no wrong answer {only}")
        return [lambda: try_wrong(lab, chosen[0])]
    return [lambda: try_reference(lab, seeds), lambda: try_handout(lab),
            *[lambda w=w: try_wrong(lab, w) for w in answers]]


def run(labs, seeds, only):
    """All trials, a line each as it ends; status 1 if one is not as it should be."""
    bad = rows = 0

    def one(pair):
        lab, trial = pair
        try:
            return lab, trial()
        except Exception as e:  # a fault of the lab or the frame
            at = traceback.extract_tb(e.__traceback__)[-1]
            return lab, ("trial", False, f"{type(e).__name__}: {e} "
                         f"({os.path.basename(at.filename)}:{at.lineno})")

    todo = [(lab, t) for lab in labs for t in trials(lab, seeds, only)]
    with ThreadPoolExecutor(2) as pool:
        for done in as_completed([pool.submit(one, pair) for pair in todo]):
            lab, (name, right, what) = done.result()
            rows += 1
            bad += not right
            print(f"{'ok' if right else 'BAD':4}{lab.name:15} {name:30} {what}",
                  flush=True)
    print(f"test-labs: {rows - bad} of {rows} as they should be")
    return 1 if bad else 0
