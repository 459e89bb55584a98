"""What a lab is: its files, its handout's cuts, its term and its items.

tests/labs/README.md describes all of this for who writes a lab.
"""

import importlib.util
import os
import random
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
LABS = os.path.join(ROOT, "tests/labs")
DEFAULT_TERM = "1"


class Lost(Exception):
    """An item is lost: what was expected, and what came."""

    def __init__(self, expected, got):
        super().__init__(f"expected {expected}, got {got}")
        self.expected, self.got = str(expected), str(got)


class Wrong(Exception):
    """The grader itself, or how it was called, is at fault."""


# ---- cuts: each takes a file's text and returns it without the answer ------

class Cut:
    def __init__(self, path, what, find, new):
        self.path, self.what, self.find, self.new = path, what, find, new

    def apply(self, old, new):
        """old with new in the answer's place, which must be there once."""
        found = self.find(old)
        if len(found) != 1:
            raise Wrong(f"{self.path}: {self.what}: found {len(found)} times")
        begin, end = found[0]
        return old[:begin] + new + old[end:]


def body(path, function, new):
    """The body of a function, between { and } in column 0."""
    def find(old):
        heads = re.finditer(
            rf"^{re.escape(function)}\([^{{;]*\n{{\n", old, re.M)
        return [(h.end(), old.index("\n}\n", h.end() - 1) + 1) for h in heads]
    return Cut(path, f"function {function}", find, new)


def lines(path, first, last, new):
    """From the line that matches first to the next that matches last."""
    def find(old):
        rows = old.splitlines(keepends=True)
        begins = [i for i, row in enumerate(rows) if re.search(first, row)]
        spans = []
        for b in begins:
            ends = [i for i in range(b, len(rows)) if re.search(last, rows[i])]
            if ends:
                spans.append((sum(map(len, rows[:b])),
                              sum(map(len, rows[:ends[0] + 1]))))
        return spans
    return Cut(path, f"lines {first!r} to {last!r}", find, new)


def text(path, old_text, new):
    """This very text."""
    def find(old):
        return [m.span() for m in re.finditer(re.escape(old_text), old)]
    return Cut(path, f"text {old_text!r}", find, new)


# ----------------------------------------------------------------------------

class Item:
    def __init__(self, name, points, what, run, hidden):
        self.name, self.points, self.what = name, points, what
        self.run, self.hidden = run, hidden


class Lab:
    def __init__(self, title, files, optional=(), host=None, parts=None,
                 kernels=(), image=None, leave_out=(), cuts=(), shared=()):
        self.name = None  # load() sets it
        self.title = title
        self.files, self.optional = list(files), set(optional)
        self.host, self.parts = dict(host or {}), dict(parts or {})
        self.kernels = list(kernels)
        self.image, self.leave_out = dict(image or {}), list(leave_out)
        self.cuts, self.shared = list(cuts), list(shared)
        self.items = []
        self.make_term = lambda r: {}
        self.make_reference = None
        self.hidden_from = None  # folder of hidden tests

    def term(self, fn):
        self.make_term = fn
        return fn

    def reference(self, fn):
        self.make_reference = fn
        return fn

    def item(self, name, points, what):
        """The decorated function tests this item."""
        def add(fn):
            if not re.fullmatch(r"[A-Za-z0-9-]+", name) or name == "all":
                raise Wrong(f"item {name!r}: not a name")
            if any(i.name == name for i in self.items):
                raise Wrong(f"two items {name}")
            self.items.append(Item(name, points, what, fn,
                                   self.hidden_from is not None))
            return fn
        return add

    def values(self, seed):
        """The parameters of a term."""
        return self.make_term(random.Random(f"{self.name} {seed}"))

    @property
    def folder(self):
        return os.path.join(LABS, self.name)

    @property
    def guests(self):
        """The lab's guest programs, as paths in the tree."""
        mine = f"tests/labs/{self.name}"
        found = programs(f"{ROOT}/{mine}/guest", f"{mine}/guest")
        if self.hidden_from:
            found += programs(f"{self.hidden_from}/guest",
                              f"{mine}/hidden/guest")
        return found

    def fill(self, words, values):
        """Put the term's values in the place of {{name}}."""
        def value(m):
            if m[1] not in values:
                raise Wrong(f"lab {self.name}: nothing to put for {m[0]}")
            return str(values[m[1]])
        return re.sub(r"\{\{(\w+)\}\}", value, words)


def programs(folder, shown):
    if not os.path.isdir(folder):
        return []
    return [f"{shown}/{f}" for f in sorted(os.listdir(folder))
            if f.endswith(".c")]


def names():
    """The labs that there are."""
    return sorted(d for d in os.listdir(LABS)
                  if d != "frame" and os.path.isfile(f"{LABS}/{d}/lab.py"))


def run_file(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(name, hidden=None):
    """The lab of that name, with the hidden items of a folder."""
    if name not in names():
        raise Wrong(f"no lab {name}; there are: {' '.join(names())}")
    lab = run_file(f"{LABS}/{name}/lab.py", "lab_" + name.replace("-", "_")).lab
    lab.name = name
    if hidden:
        path = os.path.join(hidden, "hidden.py")
        if not os.path.isfile(path):
            raise Wrong(f"HIDDEN={hidden}: no hidden.py in it")
        lab.hidden_from = os.path.abspath(hidden)
        run_file(path, "hidden").add(lab)
    return lab
