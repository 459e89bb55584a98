"""What README.md and docs/ say of the tree is so.

Code is cited as `path:/^pattern/`, a regular expression that a line of that
file must match.  Links must lead somewhere.  What `make` is said to take,
`make help` must know.  The policy of docs/scheduler.md must build and print
what the chapter shows.
"""

import functools
import glob
import os
import re

import pytest
from conftest import ROOT, Ended, copy_tree, make, run_in

CITATION = re.compile(r"`([\w.-]+/[\w./-]+):/((?:[^`/]|\\/)+)/`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:kernel|sched|user|mkfs|tests|docs)/[\w./-]*\w)`")
# A line of an example, which a quoted argument may carry over to the next.
COMMAND = re.compile(r"""^(?: +(?:\$ )?|\$ )make ((?:[^\n'"]|'[^']*'|"[^"]*")*)$""", re.M)
TITLE = re.compile(r"^#+ +(.*)$", re.M)
CHAPTERS = sorted(glob.glob("README.md", root_dir=ROOT) +
                  glob.glob("docs/*.md", root_dir=ROOT) +
                  glob.glob("docs/guide/*.md", root_dir=ROOT))
# Paths that the text invents as examples.
INVENTED = re.compile(r"NAME|sched/(urgent|mine|foo)\.c|user/prog")


@functools.cache
def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def anchors(path):
    """What a link may name behind the #, for each heading of a chapter."""
    return {re.sub(r"[^\w\- ]", "", t).strip().lower().replace(" ", "-")
            for t in TITLE.findall(text_of(path))}


def no_code(text):
    return re.sub(r"^(```.*?^```|(    .*\n)+)", "", text, flags=re.M | re.S)


def test_there_are_chapters():
    assert "README.md" in CHAPTERS and len(CHAPTERS) > 5
    assert any(CITATION.search(text_of(c)) for c in CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_is_left_to_be_filled_in(chapter):
    """A word such as @THIS@ in a chapter stands for what was never put there."""
    assert not re.findall(r"@[A-Z]+@|\bTODO\b|\bFIXME\b|\bXXX\b",
                          text_of(chapter))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_citations(chapter):
    wrong = []
    for path, pattern in CITATION.findall(text_of(chapter)):
        pattern = pattern.replace("\\/", "/")
        if not os.path.isfile(os.path.join(ROOT, path)):
            wrong.append(f"{path}: no such file")
        elif not re.search(pattern, text_of(path), re.M):
            wrong.append(f"{path}: no line matches {pattern}")
    assert not wrong, wrong


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_paths(chapter):
    wrong = [p for p in PATH.findall(text_of(chapter))
             if not INVENTED.search(p) and not os.path.exists(f"{ROOT}/{p}")]
    assert not wrong, wrong


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_links(chapter):
    wrong = []
    for link in LINK.findall(no_code(text_of(chapter))):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        there = os.path.normpath(
            os.path.join(os.path.dirname(chapter), path)) if path else chapter
        if not os.path.exists(os.path.join(ROOT, there)):
            wrong.append(link)
        elif anchor and anchor not in anchors(there):
            wrong.append(link)
    assert not wrong, wrong


def test_every_chapter_is_in_the_index():
    index = text_of("docs/README.md")
    assert [c for c in CHAPTERS if c.startswith("docs/")
            and c != "docs/README.md"
            and f"({c.removeprefix('docs/')})" not in index] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_make(chapter):
    """Goals and variables of `make ...` are those of make help."""
    told = make("help").stdout
    goals = set(re.findall(r"^  ([a-z][\w-]*) ", told, re.M))
    variables = set(re.findall(r"^  ([A-Z]+)\+?=", told, re.M))
    text = text_of(chapter)
    lines = re.findall(r"`make ([^`]*)`", text) + \
        COMMAND.findall(text)
    wrong = []
    for line in lines:
        bare = re.sub(r"=('[^']*'|\"[^\"]*\"|\S*)", "= ", line)
        for word in re.split("[|>#]", bare)[0].split():
            name = word.rstrip("=").rstrip("+")
            known = variables if word.endswith("=") else goals
            if not re.fullmatch(r"[A-Za-z][\w-]*", name):
                continue        # a placeholder such as GOAL...
            if name not in known and name != "GOAL":
                wrong.append(f"make {line}: {name}")
    assert not wrong, wrong


# --- the worked example of docs/scheduler.md ---------------------------------


def blocks(chapter):
    return re.findall(r"^```c\n(.*?)^```$", text_of(chapter), re.M | re.S)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree with the policy in it."""
    policy = [b for b in blocks("docs/scheduler.md")
              if b.startswith("// urgent.c")]
    assert len(policy) == 1
    tree = copy_tree(tmp_path_factory.mktemp("docs") / "peach")
    (tree / "sched/urgent.c").write_text(policy[0])
    return tree


def test_worked_policy(tree):
    """The better, the earlier it ends, as the chapter says; its promise is
    measured in the kernel, too."""
    done = Ended(run_in(
        tree, "SCHED=urgent", "DET=1", "WERROR=1", "LIMIT=100",
        "CMD=attr priority 37 lat null 1000001 & attr priority 32 lat null "
        "1000002 & attr priority 27 lat null 1000003 & wait; "
        "schedtest priority")).ok()
    ended = re.findall(r"^lat null 0 (\d+) ", done.out, re.M)
    assert ended == ["1000003", "1000002", "1000001"], str(done)
    assert re.search(r"^priority .* ok ", done.out, re.M), str(done)


def test_worked_mistake(tree):
    """Its last level forgotten: the core names the hook and the promise."""
    policy = tree / "sched/urgent.c"
    text, n = re.subn(r"map = urgent\(rq\)->map;", "map = urgent(rq)->map << 1 >> 1;",
                      policy.read_text())
    assert n == 1
    policy.write_text(text)
    done = Ended(run_in(tree, "SCHED=urgent", "LIMIT=100",
                        "CMD=attr priority 62 echo fine; attr priority 63 echo never"))
    assert done.status != 0 and "exit status 254" in done.all, str(done)
    assert re.search(r"^fine$", done.out, re.M), str(done)
    assert "policy urgent broke promise (4) of sched.h in pick()" in done.out
