"""Each lab is whole: page, items, handout, wrong answers; and a sample of real
grading.  `make test-labs` does all of it, for much longer."""

import fcntl
import glob
import os
import re
import shutil
import subprocess

import pytest
from conftest import ROOT, make, make_environment

LABS = sorted(os.path.basename(os.path.dirname(f))
              for f in glob.glob(f"{ROOT}/tests/labs/*/lab.py")
              if not f.endswith("/frame/lab.py"))
ITEM = re.compile(r"^ *(\d+) of +(\d+)  (?!in all$)(\S+)", re.M)


def labs(*words, cwd=ROOT):
    return subprocess.run(
        [f"{cwd}/tests/labs/labs", *words], cwd=cwd, env=make_environment(),
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=600)


def points(done):
    """{item: (points, of so many)} of what grade printed."""
    return {m[3]: (int(m[1]), int(m[2])) for m in ITEM.finditer(done.stdout)}


def python(code):
    """Run code that may import the frame, which this process must not: its
    modules' names are common words."""
    done = subprocess.run(
        ["/usr/bin/python3", "-B", "-c",
         f"import sys; sys.path.insert(0, {ROOT + '/tests/labs'!r})\n" + code],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd=ROOT, env=make_environment(), timeout=300)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_there_are_labs():
    assert "rr-fifo" in LABS
    listed = labs("list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == LABS


@pytest.mark.parametrize("lab", LABS)
def test_whole(lab):
    """Points add up, the page names each item with its points, and there are
    wrong answers, which apply and name items."""
    shown = python(f"""
from frame import lab as labs, trial
lab = labs.load({lab!r})
for i in lab.items:
    print(i.name, i.points)
for n in range(1, 21):
    assert lab.values(str(n)).keys() == lab.values("1").keys()
    assert lab.values(str(n)) == lab.values(str(n))
assert len({{str(lab.values(str(n))) for n in range(20)}}) > 1 \\
    or not lab.values("1"), "no term differs"
answers = trial.wrong_answers(lab)
assert len(answers) >= 8, f"{{len(answers)}} wrong answers"
for w in answers:
    assert w.loses, w.path
    reference = trial.reference(lab, w.term)
    assert w.files(lab) != reference, f"{{w.path}} changes nothing handed in"
""")
    items = dict(line.split() for line in shown.splitlines())
    assert sum(map(int, items.values())) == 100
    page = open(f"{ROOT}/docs/labs/{lab}/README.md").read()
    for name, worth in items.items():
        assert re.search(rf"^\| *`?{name}`? *\| *{worth} *\|", page, re.M), \
            f"the page's table lacks {name} with {worth} points"


def code(line):
    """A line without what does not matter; "" if it gives nothing away."""
    line = re.sub(r"\s+", " ", line.split("//")[0]).strip()
    return line if len(line) > 8 else ""


def windows(text, n=3):
    """All runs of n lines that say something."""
    lines = [c for c in map(code, text.splitlines()) if c]
    return {tuple(lines[i:i + n]) for i in range(len(lines) - n + 1)}


def there(tree, path, name):
    """Does the tree's file at path find that name, if it includes it?"""
    return any(os.path.exists(f"{tree}/{at}/{name}")
               for at in (".", os.path.dirname(path)))


@pytest.mark.parametrize("lab", LABS)
def test_handout_gives_nothing_away(lab, tmp_path):
    out = f"{tmp_path}/tree"
    done = labs("handout", lab, out, "--term", "7")
    assert done.returncode == 0, done.stdout
    shared = python(f"""
from frame import handout, lab as labs
lab = labs.load({lab!r})
print("\\n".join(lab.shared))
""").split()
    for gone in (".git", "tests/mutants", f"tests/labs/{lab}/wrong",
                 f"tests/labs/{lab}/answer", f"tests/labs/{lab}/handout",
                 "docs/instructors.md"):
        assert not os.path.exists(f"{out}/{gone}"), gone
    for other in set(LABS) - {lab}:
        assert not os.path.exists(f"{out}/tests/labs/{other}")
    page = open(f"{out}/docs/labs/{lab}/README.md").read()
    assert "{{" not in page
    for path in glob.glob(f"{out}/**/*.md", recursive=True):
        for to in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", open(path).read()):
            assert os.path.exists(f"{os.path.dirname(path)}/{to}"), (path, to)
    for path in glob.glob("**/*.[chS]", root_dir=out, recursive=True):
        for name in re.findall(r'^#include "([^"]+)"',
                               open(f"{out}/{path}").read(), re.M):
            assert there(out, path, name) or not there(ROOT, path, name), \
                (path, name)
    python(f"""
from frame import lab as labs
ours = labs.load({lab!r})
labs.LABS = {out + "/tests/labs"!r}
theirs = labs.load({lab!r})
assert theirs.cuts == []
assert [i.name for i in theirs.items] == [i.name for i in ours.items]
""")
    removed, left = set(), set()
    for path in glob.glob(f"{out}/**/*", recursive=True):
        name = os.path.relpath(path, out)
        if not os.path.isfile(path) or name in shared:
            continue
        new = open(path, errors="replace").read()
        here = windows(new)
        left |= here
        if os.path.isfile(f"{ROOT}/{name}") and name.endswith(
                (".c", ".h", ".S")):
            old = open(f"{ROOT}/{name}", errors="replace").read()
            removed |= windows(old) - here if old != new else set()
    for at in glob.glob(f"{ROOT}/tests/labs/{lab}/answer/**/*.[chS]",
                        recursive=True):
        name = os.path.relpath(at, f"{ROOT}/tests/labs/{lab}/answer")
        here = windows(open(f"{out}/{name}").read()) if os.path.isfile(
            f"{out}/{name}") else set()
        removed |= windows(open(at).read()) - here
    assert removed, "nothing of the answer was taken out"
    assert not removed & left, sorted(removed & left)[:5]


def test_guest_programs_compile():
    """Those of all labs: one that does not would cost everybody its items."""
    sources = [os.path.relpath(f, ROOT)
               for f in sorted(glob.glob(f"{ROOT}/tests/labs/*/guest/*.c"))]
    assert sources
    with open(f"{ROOT}/build/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make("-s", f"UPROGS={' '.join(sources)}",
             *(f"build/user/up{ROOT}/{f[:-2]}" for f in sources))


def test_bad_calls_are_refused(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for words, says in [
            (["grade", "nosuch"], "no lab nosuch; there are:"),
            (["grade", "rr-fifo", "--only", "nosuch"], "has no item nosuch"),
            (["grade", "rr-fifo", "--from", "/nonexistent"], "no such folder"),
            (["grade", "rr-fifo", "--from", str(empty)], "holds none of"),
            (["grade", "rr-fifo", "--term", "a b"], "TERM=a b"),
            (["grade", "rr-fifo", "--hidden", str(empty)], "no hidden.py"),
            (["handout", "rr-fifo", str(empty)], "is there already")]:
        done = labs(*words)
        assert done.returncode == 2, done.stdout
        assert says in done.stdout
        assert "Traceback" not in done.stdout
    done = make("grade", check=False)
    assert "grade needs LAB=name" in done.stdout


def test_terminal_is_no_term():
    done = make("handout", "LAB=rr-fifo", "OUT=/proc", check=False,
                TERM="no term/at all")
    assert "is there already" in done.stdout


def test_reference_has_full_points():
    """On the host; test_grader.py boots."""
    done = labs("grade", "rr-fifo", "--only",
                "fifo-order,fifo-runs-on,rr-turns,rr-slice,pinned", "-v")
    assert done.returncode == 0, done.stdout
    assert set(points(done)) == {"fifo-order", "fifo-runs-on", "rr-turns",
                                 "rr-slice", "pinned"}
    assert all(got == most for got, most in points(done).values())


def test_handout_grades_itself(tmp_path):
    """The handout has the grader, its own term, and no points."""
    out = f"{tmp_path}/tree"
    assert labs("handout", "rr-fifo", out, "--term", "7").returncode == 0
    if os.path.isdir(f"{ROOT}/build/grade/base/build"):  # saves a minute
        shutil.copytree(f"{ROOT}/build/grade/base/build",
                        f"{out}/build/grade/base/build")
    done = labs("grade", "rr-fifo", "--only", "rr-turns", cwd=out)
    assert done.returncode == 1, done.stdout
    assert "term 7" in done.stdout
    assert points(done) == {"rr-turns": (0, 15)}
    assert "broke promise (4)" in done.stdout
    done = labs("handout", "rr-fifo", f"{tmp_path}/more", cwd=out)
    assert "is itself a handout" in done.stdout


@pytest.mark.skipif(not shutil.which("sim_c"),
                    reason="no package of sim_c on this system")
def test_similar_finds_a_copy(tmp_path):
    """Other names and comments hide nothing; what is not alike is not named."""
    for who in ("ada", "bob", "eve"):
        (tmp_path / who / "sched").mkdir(parents=True)
    text = open(f"{ROOT}/sched/stride.c").read()
    (tmp_path / "ada/sched/rr.c").write_text(text)
    (tmp_path / "bob/sched/rr.c").write_text(
        "// all my own work\n" + re.sub(r"\bt\b", "it", text))
    (tmp_path / "eve/sched/rr.c").write_text(
        "int f(int a) { return a * a + 7; }\n")
    done = labs("similar", "rr-fifo", str(tmp_path))
    assert done.returncode == 0, done.stdout
    found = {(int(n), a, b) for n, a, b in re.findall(
        r"^ *(\d+) %  (\S+) \S+ +is found in +(\S+) ", done.stdout, re.M)}
    assert any(n > 90 and {a, b} == {"ada", "bob"}
               for n, a, b in found), found
    assert any(n > 90 and (a, b) == ("ada", "shipped") for n, a, b in found)
    assert not any("eve" in (a, b) for n, a, b in found), found
