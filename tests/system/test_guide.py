"""The commands in docs/guide/ print what the pages show, its figures are made
from their sources, its tables say what the headers say, and the site builds.

Of each page one example is run; with GUIDE=1 in the environment, all are.
"""

import glob
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from conftest import ROOT, make

sys.path.insert(0, f"{ROOT}/tests/run")
import guide  # noqa: E402

PAGES = sorted(glob.glob("docs/guide/*.md", root_dir=ROOT))
EXAMPLES = {p: guide.examples(p) for p in PAGES}
CHOSEN = [e for p in PAGES
          for e in EXAMPLES[p][:None if os.environ.get("GUIDE") else 1]]


def test_there_are_examples():
    assert len(PAGES) >= 15 and sum(map(len, EXAMPLES.values())) >= 20


@pytest.mark.parametrize("example", CHOSEN, ids=map(repr, CHOSEN))
def test_example(example):
    wrong = guide.check(example)
    assert wrong is None, wrong


# ---- the comparison itself --------------------------------------------------

@pytest.mark.parametrize("shown,came,exact,good", [
    ("a 100", "a 109", False, True), ("a 100", "a 115", False, False),
    ("a 100", "a 101", True, False), ("a 100", "b 100", False, False),
    ("exit status 0", "exit status 1", False, False),
    ("x\n...\nz", "x\ny\ny\nz", True, True), ("...\nz", "y", True, False),
    ("x", "x\ny", True, False), ("x\ny", "x", True, False),
    ("a   1", "a 1", False, True), ("a 0.01", "a 0.04", False, True)])
def test_comparison(shown, came, exact, good):
    wrong = guide.differs(shown.split("\n"), came.split("\n"), exact)
    assert (wrong is None) == good


def test_a_wrong_page_is_found():
    """An example whose output was altered differs when it is run."""
    wrong = guide.Example("x.md", "printf 'one\\ntwo\\n'", ["one", "three"])
    assert "three" in guide.check(wrong)


# ---- shape of the book ------------------------------------------------------

NO_OSTEP = {"decisions.md", "caveats.md", "xv6.md", "reference.md"}


@pytest.mark.parametrize("page", PAGES)
def test_shape(page):
    """A chapter names its part of OSTEP, cites code, and has exercises."""
    with open(f"{ROOT}/{page}", encoding="utf-8") as f:
        text = f.read()
    name = os.path.basename(page)
    if name in NO_OSTEP:
        return
    assert len(text.splitlines()) <= 200
    assert re.search(r"^OSTEP: chapter", text, re.M)
    assert re.search(r"`[\w./-]+:/\^?", text)
    part = text.split("\n## Exercises\n")[1]
    assert 3 <= len(re.findall(r"^\d\. ", part, re.M)) <= 6


# ---- figures ----------------------------------------------------------------

FIGURES = sorted(glob.glob("docs/guide/figures/*.dot", root_dir=ROOT))


def test_figures():
    """Each picture is of the source beside it, and some page shows it."""
    text = "".join(open(f"{ROOT}/{p}", encoding="utf-8").read() for p in PAGES)
    assert FIGURES
    for source in FIGURES:
        picture = source[:-4] + ".svg"
        assert os.path.basename(picture) in text, source
        done = subprocess.run(["tests/run/figures", "--stale", source],
                              cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_figure_is_found(tmp_path):
    picture = tmp_path / "a.svg"
    source = tmp_path / "a.dot"
    source.write_text("digraph { a -> b }\n")
    picture.write_text("<svg></svg>\n")
    done = subprocess.run(["tests/run/figures", "--stale", str(source)],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "is not of" in done.stderr


def test_marks():
    """Each table that a page says is made anew is made by a part there is."""
    known = make("figures", "F=nonesuch", check=False)
    assert known.returncode != 0 and "no part nonesuch" in known.stdout
    parts = known.stdout.split("there are:")[1].split()
    found = 0
    for path in ["README.md", *glob.glob("docs/**/*.md", root_dir=ROOT,
                                         recursive=True)]:
        with open(f"{ROOT}/{path}", encoding="utf-8") as f:
            text = f.read()
        marks = re.findall(r"^<!-- made by: make figures F=(\w+) \w+ -->\n"
                           r"(?:(?!<!--).*\n)+<!-- end -->$", text, re.M)
        assert len(marks) == text.count("<!-- made by"), path
        assert all(m in parts or m == "PART" for m in marks), path
        found += len(marks)
    assert found >= 15


# ---- the reference ----------------------------------------------------------

def reference():
    with open(f"{ROOT}/docs/guide/reference.md", encoding="utf-8") as f:
        return f.read()


def test_reference():
    """Its tables are those that the headers and the help give now."""
    done = subprocess.run(["tests/run/reference", "--check",
                           "docs/guide/reference.md"],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_reference_of_a_changed_header(tmp_path):
    """A page that lacks a system call is told."""
    page = tmp_path / "reference.md"
    page.write_text(re.sub(r"^\| \d+ \| `int uptime.*\n", "", reference(),
                           flags=re.M))
    assert page.read_text() != reference()
    done = subprocess.run(["tests/run/reference", "--check", str(page)],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "uptime" in done.stdout


# ---- the site ---------------------------------------------------------------

class Links(HTMLParser):
    """Targets of a page's links, and the names that links may lead to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names = [], set()
        with open(path, encoding="utf-8") as f:
            self.feed(f.read())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.names |= {attrs.get("id"), attrs.get("name")} - {None}
        self.links += [attrs[k] for k in ("href", "src") if attrs.get(k)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    done = make("-s", "docs", f"SITE={out}", check=False)
    assert done.returncode == 0, done.stdout
    return str(out)


def test_site_links(site):
    """Every link of every page leads to a page, and to a name on it."""
    pages = {p: Links(p) for p in glob.glob(f"{site}/**/*.html",
                                            recursive=True)}
    assert len(pages) > 30
    wrong = []
    for page, it in pages.items():
        if page.endswith("/404.html"):
            continue
        for link in it.links:
            if re.match(r"(\w+:|//|#$)", link):
                continue
            path, _, name = link.partition("#")
            there = os.path.normpath(os.path.join(
                os.path.dirname(page), path)) if path else page
            if os.path.isdir(there):
                there += "/index.html"
            if not os.path.exists(there):
                wrong.append(f"{page}: {link}")
            elif name and there in pages and name not in pages[there].names:
                wrong.append(f"{page}: {link}: no such place")
    assert not wrong, "\n".join(wrong)


def test_site_search(site):
    """A word of a late chapter is in what the search looks through."""
    with open(f"{site}/search/search_index.json", encoding="utf-8") as f:
        index = f.read()
    for word in ("preempts", "copy-on-write", "compensation"):
        assert word in index


def test_a_broken_link_fails(tmp_path):
    """make docs fails, and says where, if a link leads nowhere."""
    import conftest
    tree = conftest.copy_tree(tmp_path / "peach")
    page = tree / "docs/guide/switch.md"
    page.write_text(page.read_text() + "\n[gone](nowhere.md)\n")
    done = make("-s", "docs", cwd=tree, check=False)
    assert done.returncode != 0 and "nowhere.md" in done.stdout
