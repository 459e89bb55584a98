"""The handout of a lab: a tree without history and without the answer."""

import ast
import fnmatch
import os
import re
import shutil

from frame.lab import LABS, ROOT, Wrong, text
from frame.tree import listing

ALWAYS = ["tests/mutants/*", "docs/instructors.md", ".git/*",
          "tests/system/test_labs.py", "tests/system/test_grader.py"]
# What is half written has functions that nobody calls yet.
CUTS = [text("tests/run/tools.mk", "WERROR ?= $(if $(TESTED),1,0)\n",
             "WERROR ?= 0\n")]
TERM_FILE = "tests/labs/term"  # the term that a handout was made for


def overlay(lab, what):
    """{path in the tree: where it is} of handout/ or answer/."""
    top = f"{lab.folder}/{what}"
    found = {}
    for where, _, files in os.walk(top):
        for f in files:
            at = os.path.join(where, f)
            found[os.path.relpath(at, top)] = at
    return found


def left_out(lab, path):
    mine = (f"tests/labs/{lab.name}/", "tests/labs/frame/")
    if path.startswith("tests/labs/") and path.count("/") > 2:
        if not path.startswith(mine):
            return True
    if path.startswith("docs/labs/") and path.count("/") > 2:
        if not path.startswith(f"docs/labs/{lab.name}/"):
            return True
    own = [f"tests/labs/{lab.name}/{d}/*" for d in ("wrong", "handout",
                                                   "answer")]
    return any(fnmatch.fnmatch(path, p) or path.startswith(p.rstrip("/") + "/")
               for p in ALWAYS + own + lab.leave_out)


def without_cuts(source):
    """A lab.py whose cuts, which may quote the answer, are gone."""
    lines = source.encode().splitlines(keepends=True)
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Lab":
            for word in call.keywords:
                if word.arg == "cuts":
                    at = word.value
                    head = lines[at.lineno - 1][:at.col_offset]
                    tail = lines[at.end_lineno - 1][at.end_col_offset:]
                    lines[at.lineno - 1:at.end_lineno] = [head + b"[]" + tail]
                    return b"".join(lines)
    return source.encode()


def texts(lab, seed):
    """{path: bytes} of the files that are not as in the tree."""
    values = {"term": seed, **lab.values(seed)}
    changed = {TERM_FILE: f"{seed}\n".encode()}
    cut = {}
    for c in CUTS + lab.cuts:
        if c.path not in cut:
            with open(f"{ROOT}/{c.path}") as f:
                cut[c.path] = f.read()
        cut[c.path] = c.apply(cut[c.path], lab.fill(c.new, values))
    for path, words in cut.items():
        changed[path] = words.encode()
    for path, at in overlay(lab, "handout").items():
        with open(at) as f:
            changed[path] = lab.fill(f.read(), values).encode()
    with open(f"{lab.folder}/lab.py") as f:
        changed[f"tests/labs/{lab.name}/lab.py"] = without_cuts(f.read())
    page = f"docs/labs/{lab.name}/README.md"
    with open(f"{ROOT}/{page}") as f:
        changed[page] = lab.fill(f.read(), values).encode()
    return changed


def without_dead_links(path, words, left):
    """A page whose links to what is left out are their text alone."""
    def link(found):
        at = os.path.normpath(os.path.join(os.path.dirname(path), found[2]))
        return found[1] if at in left else found[0]

    return re.sub(r"\[([^\]]*)\]\(([^)#]+)(?:#[^)]*)?\)", link, words)


def write(lab, to, seed):
    """Write the handout into a folder that is not there yet."""
    if os.path.exists(f"{ROOT}/{TERM_FILE}"):
        raise Wrong("this tree is itself a handout")
    if os.path.lexists(to):
        raise Wrong(f"OUT={to}: is there already")
    changed = texts(lab, seed)
    whole = listing(ROOT)
    files = [f for f in whole if not left_out(lab, f)]
    left = set(whole) - set(files)
    for f in files:
        if f.endswith(".md"):
            with open(f"{ROOT}/{f}", "rb") as page:
                words = changed.get(f, page.read()).decode()
            changed[f] = without_dead_links(f, words, left).encode()
    for f in files:
        if f not in changed:
            os.makedirs(os.path.dirname(f"{to}/{f}"), exist_ok=True)
            shutil.copy2(f"{ROOT}/{f}", f"{to}/{f}")
    for f, data in changed.items():
        at = f"{to}/{f}"
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, "wb") as out:
            out.write(data)
        if os.path.exists(f"{ROOT}/{f}"):
            shutil.copymode(f"{ROOT}/{f}", at)


def own_term():
    """The term of the handout that this tree is, or None."""
    try:
        with open(f"{LABS}/term") as f:
            return f.read().strip()
    except OSError:
        return None
