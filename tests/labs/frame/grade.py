"""Grading: what an item has at hand, and all items one after the other."""

import os
import re

from frame import boot, run, tree
from frame.lab import Lab, Lost, Wrong


class Grading:
    """A submission under one term: what the functions of items get as g."""

    def __init__(self, lab, work, seed):
        self.lab, self.work, self.seed = lab, work, seed
        self.term = lab.values(seed)
        self.tree = work.tree
        self.known = {}
        self.log = None  # of the item that runs
        self.last = ""   # what was expected last, and came
        self.boots = 0

    # ---- for items ----------------------------------------------------------

    def expect(self, want, got, what=""):
        """Lost unless both are equal."""
        about = f"{what}: " if what else ""
        self.last = f"{about}{got}"
        if want != got:
            raise Lost(f"{about}{want}", f"{got}")

    def once(self, fn, *key):
        """fn(), once for all items, or what it raised."""
        key = key or (fn,)
        if key not in self.known:
            try:
                self.known[key] = (fn() if len(key) > 1 else fn(self), None)
            except Lost as e:
                self.known[key] = (None, e)
        value, lost = self.known[key]
        if lost:
            raise Lost(lost.expected, lost.got)
        return value

    def read(self, path):
        try:
            with open(f"{self.tree}/{path}", errors="replace") as f:
                return f.read()
        except OSError as e:
            raise Lost(f"a file {path}", "it was not handed in") from e

    def make(self, *words):
        self.work.make(*words)

    def host(self, prog, *args, cpu=10):
        """Run a host program of the lab."""
        def start():
            self.make(*tree.host_words(self.lab, prog))
            source = tree.host_source(self.lab, prog)
            place = re.sub("/", "-", source[len("tests/labs/"):-len(".c")])
            place = f"{self.tree}/build/host/lab/{place}"
            for policy in self.lab.host[prog]:
                self.look_at(policy, f"{place}/sched/{policy}.facts")
            for path, known in self.lab.parts.items():
                wrong = run.part(f"{place}/{path[:-2]}.o", f"{self.tree}/{path}",
                                 known.split())
                if wrong:
                    raise Lost(f"a file {path} that only computes", wrong)
            return run.host(self.work, f"{place}/program", args, cpu, self.log)
        return self.once(start, "host", prog, args, cpu)

    def check(self, policy, part="", params="", depth=None, seed=1, cpu=120):
        """make check: its status and the lines that say what fails."""
        def start():
            at = f"{self.tree}/build/host/check"
            self.make(f"build/host/check/{policy}")
            self.look_at(policy, f"{at}/.o/sched/{policy}.facts")
            words = [f"{at}/{policy}", "-f", f"{at}/.o/sched/{policy}.facts",
                     "-s", str(seed), *(["-p", part] if part else []),
                     *(["-d", str(depth)] if depth else []), *params.split()]
            got = run.printed(self.work, words, cpu, self.log, forks=True)
            got.failing = re.findall(r"^(\S.* fails: .*)$", got.out, re.M)
            return got
        return self.once(start, "check", policy, part, params, depth, seed, cpu)

    def sim(self, *args, cpu=60):
        """The simulator with all policies of the tree."""
        def start():
            self.make("sim")
            for path in self.lab.files:
                if re.fullmatch(r"sched/\w+\.c", path):
                    self.facts(path)
            return run.printed(self.work, [f"{self.tree}/build/host/sim",
                                           *map(str, args)], cpu, self.log)
        return self.once(start, "sim", args, cpu)

    def boot(self, cmd, sched="rr", runq="shared", hz=10, debug=0, params="",
             seed=1, cpus=1, mem="128M", det=True, disk=False, cpu=30):
        """Boot the kernel of this configuration and run cmd in it."""
        def start():
            self.make(*tree.kernel_words(sched, runq, hz, debug))
            self.make(*tree.image_words(self.lab))
            kernel = (f"{self.tree}/build/{sched}-{runq}-hz{hz}"
                      f"{'-debug' if debug else ''}/kernel.elf")
            self.boots += 1
            log = f"{self.work.logs}/{self.seed}-boot{self.boots}"
            got = boot.boot(self.work, kernel, cmd, params, seed, cpus, mem,
                            det and cpus == 1, disk, cpu, log)
            with open(log) as f, open(self.log, "a") as to:
                to.write(f.read())
            return got
        return self.once(start, "boot", cmd, sched, runq, hz, debug, params,
                         seed, cpus, mem, det, disk, cpu)

    # ---- within -------------------------------------------------------------

    def facts(self, path):
        """Look at a policy that no host program is built of."""
        name = os.path.basename(path)[:-2]
        where = f"build/host/check/.o/sched/{name}.facts"
        self.make(where)
        self.look_at(name, f"{self.tree}/{where}")

    def look_at(self, policy, facts):
        wrong = run.pure(facts, f"{self.tree}/sched/{policy}.c")
        if wrong:
            raise Lost(f"a policy sched/{policy}.c that only decides", wrong)


class Result:
    """What came of one item."""

    def __init__(self, item, points, expected, got, log):
        self.item, self.points, self.log = item, points, log
        self.expected, self.got = expected, got
        self.full = points == item.points


def one(g, item):
    g.log = f"{g.work.logs}/{g.seed}-{item.name}"
    g.last = ""
    with open(g.log, "w") as f:
        f.write(f"{item.name}: {item.what}\n")
    try:
        said = item.run(g)
    except Lost as e:
        with open(g.log, "a") as f:
            f.write(f"expected {e.expected}\ngot {e.got}\n")
        return Result(item, 0, e.expected, e.got, g.log)
    return Result(item, item.points, "", str(said or g.last), g.log)


def wanted(lab, only):
    """The items of ONLY=a,b, or all."""
    names = [w for w in re.split(r"[, ]+", only or "") if w]
    known = [i.name for i in lab.items]
    for n in names:
        if n not in known:
            raise Wrong(f"lab {lab.name} has no item {n}; it has: "
                        f"{' '.join(known)}")
    return [i for i in lab.items if not names or i.name in names]


def grade(lab: Lab, work, seed, items, say=lambda result: None):
    """Results of all items, each said as soon as it is there."""
    g = Grading(lab, work, seed)
    results = []
    for item in items:
        results.append(one(g, item))
        say(results[-1])
    return results


def refused(lab, items, why):
    """Results of a submission that was not taken."""
    return [Result(i, 0, "files that can be taken", why, None) for i in items]
