"""Lab mlfq: the multi-level feedback queue of OSTEP 8, rule by rule."""

import re

from frame import Lab, Lost, lines, text

lab = Lab(
    title="A multi-level feedback queue, rule by rule",
    files=["sched/mlfq.c", "sched/levels.h"],
    host={"probe": ["mlfq"]},
    kernels=[dict(sched="mlfq")],
    builds=["build/host/check/mlfq"],
    leave_out=["tests/host/test_mlfq*.c"],
    cuts=[
        lines("sched/levels.h", r"^// levels\.h - ", r"^// of who waits",
              "// levels.h - levels of a feedback queue, 0 the best: what"
              " slice and what\n// allotment each has, by parameters.\n"),
        lines("sched/levels.h", r"^// That all tasks go to", r"^//$", ""),
        lines("sched/levels.h", r"^// Where a task stands takes",
              r"^// tasks that are pinned", "// All of it takes O(levels).\n"),
        lines("sched/levels.h", r"^// Where a task stands; all 0",
              r"^struct levels {", "struct levels {\n"),
        text("sched/levels.h", "  uint64_t epoch; // now / boost\n", ""),
        lines("sched/levels.h", r"^// ---- where a task stands",
              r"^    rq->alarm = ", ""),
        text("sched/levels.h", "  }\n}\n\n// For runq_init",
             "// For runq_init"),
        text("sched/levels.h", "  levels_enter(rq, now);\n", ""),
        lines("sched/levels.h", r"^// Where t stands\.", r"^#endif",
              "#endif\n"),
    ],
)

MS = 1000000
KEEPS, RENEWS = "the rest of its slice", "a new slice"
FIRST, LAST = "first", "last"


@lab.term
def term(r):
    return {
        "levels": r.choice([3, 5]),
        "slice": r.choice([4, 5, 6, 8, 12, 15]),  # ms
        "grow": r.choice([2, 3]),
        "allot": r.choice([2, 3]),
        "boost": r.choice([400, 600, 700, 900, 1200]),  # ms
        "hogs": r.randint(3, 5),
        "pushed": r.choice([FIRST, LAST]),
        "slept": r.choice([KEEPS, RENEWS]),
    }


def change(path, old, new):
    with open(path) as f:
        was = f.read()
    if len(re.findall(old, was)) != 1:
        raise ValueError(f"{path}: {old} is not there once")
    with open(path, "w") as f:
        f.write(re.sub(old, new, was))


@lab.reference
def reference(folder, t):
    levels, mlfq = f"{folder}/sched/levels.h", f"{folder}/sched/mlfq.c"
    change(levels, r'("levels", UNIT_COUNT), 4', rf"\1, {t['levels']}")
    change(levels, r"MSEC\(10\)", f"MSEC({t['slice']})")
    change(levels, r'("grow", UNIT_COUNT), 2', rf"\1, {t['grow']}")
    change(levels, r'("allot",[ \\\n]+UNIT_COUNT,[ \\\n]+)1',
           rf"\g<1>{t['allot']}")
    change(levels, r" SEC\(1\)", f" MSEC({t['boost']})")
    if t["pushed"] == LAST:
        change(mlfq, r"why == READY_PREEMPT \|\| m->turn > 0", "m->turn > 0")
    if t["slept"] == RENEWS:
        change(mlfq, r"rq->param\[STAY\] \? 0 : t->slice", "0")


# ---- what the rules say ----------------------------------------------------

class Rules:
    """The levels under some parameters; times in ns."""

    def __init__(self, levels, slice_ns, grow=1, allot=1, boost=0):
        self.last = levels - 1
        self.slice = [min(slice_ns * grow ** l, 10000 * MS)
                      for l in range(levels)]
        self.allot = [allot * s for s in self.slice[:-1]]
        self.top = sum(self.allot)  # until the last level
        self.params = (f"levels={levels} slice={slice_ns}ns grow={grow} "
                       f"allot={allot} boost={boost}{'ns' if boost else ''}")

    def level(self, used):
        """Where a task is that has used so much since it was on top."""
        for l, allot in enumerate(self.allot):
            if used < allot:
                return l
            used -= allot
        return self.last

    def left(self, used):
        """What it may still run on its level; None on the last."""
        level = self.level(used)
        if level == self.last:
            return None
        return sum(self.allot[:level + 1]) - used


def rules(g, boost=0):
    t = g.term
    return Rules(t["levels"], t["slice"] * MS, t["grow"], t["allot"], boost)


class Pick:
    def __init__(self, words):
        self.at, self.id, self.slice, self.level, self.ran = map(
            int, words.split())


class Play:
    """What came of these events."""

    def __init__(self, g, params, *events):
        run = g.host("probe", "play", params, *events).good()
        self.picks = [Pick(p) for p in run.all("pick")]
        self.marks = [list(map(int, m.split())) for m in run.all("mark")]
        self.jobs = [list(map(int, j.split())) for j in run.all("job")]

    def turns(self):
        """(time, task) of the picks; of several at one time the last."""
        return [(p.at, p.id) for p, q in zip(self.picks, self.picks[1:])
                if p.at != q.at]


def ms(ns):
    return f"{ns / MS:.3f}".rstrip("0").rstrip(".") + " ms"


def said(turns):
    return ", ".join(f"{chr(65 + i)} at {ms(at)}" for at, i in turns)


def same_turns(want, got):
    for i, turn in enumerate(want):
        if i >= len(got) or got[i] != turn:
            raise Lost(said(want[max(i - 2, 0):i + 3]),
                       said(got[max(i - 2, 0):i + 3]) or "no more turns")
    return f"{len(want)} turns"


def on_its_level(r, picks, base=lambda p: 0):
    """Each pick finds the task on the level that follows from what it ran."""
    for p in picks:
        want = r.level(p.ran - base(p))
        if p.level != want:
            raise Lost(f"{chr(65 + p.id)} on level {want} at {ms(p.at)}, when "
                       f"it has run for {ms(p.ran - base(p))}",
                       f"level {p.level}")


def sunk(r, hogs):
    """When so many hogs are on the last level; an odd time in their turns."""
    return hogs * r.top + (2 * hogs * r.slice[-1]) + r.slice[-1] * 3 // 7


def hogs(n, at=0):
    return [f"hog@{at}"] * n


# ---- rule 1 ----------------------------------------------------------------

@lab.item("rule1-first", 5, "a better level runs first, and at once")
def rule1_first(g):
    r, n = rules(g), g.term["hogs"]
    at, run, off = sunk(r, n), r.allot[0] // 41, r.slice[0] * 17 // 5
    end = at + 30 * (run + off)
    play = Play(g, r.params, *hogs(n), f"nap@{at}:{run}:{off}", f"end@{end}")
    wait, picks = play.jobs[n][2], play.jobs[n][4]
    if wait > 0:
        raise Lost("no wait for one that runs shortly on level 0",
                   f"{ms(wait)} at the longest")
    if picks < 25:
        raise Lost("one that runs shortly, beside hogs, to run 25 times",
                   f"{picks}")
    play = Play(g, r.params, *hogs(n), f"hog@{at}",
                f"end@{at + r.top + r.slice[-1]}")
    others = [p.at for p in play.picks if p.at > at and p.id != n]
    if not others or others[0] != at + r.top:
        raise Lost(f"a newcomer alone for {ms(r.top)}, until it is on the "
                   "last level", f"{ms(others[0] - at)}" if others else "more")
    return f"no wait; alone for {ms(r.top)}"


@lab.item("rule1-pushed", 5, "where one goes that is pushed out")
def rule1_pushed(g):
    s = g.term["slice"] * MS
    r = Rules(2, s)
    at, run = 2 * s + s * 3 // 10, s // 10
    play = Play(g, r.params, *hogs(2), f"once@{at}:{run}", f"end@{6 * s}")
    want = [(at, 2), (at + run, 0), (3 * s + run, 1), (4 * s + run, 0)]
    if g.term["pushed"] == LAST:
        rest = s - s * 3 // 10
        want = [(at, 2), (at + run, 1), (at + run + s, 0),
                (at + run + s + rest, 1)]
    return same_turns(want, [t for t in play.turns() if t[0] >= at])


# ---- rule 2 ----------------------------------------------------------------

@lab.item("rule2-turns", 5, "tasks on one level take turns")
def rule2_turns(g):
    s, n = g.term["slice"] * MS, g.term["hogs"]
    work = s * 3 // 5
    play = Play(g, Rules(1, s).params, *hogs(n), f"yield@0:{work}",
                f"end@{5 * (n + 1) * s}")
    want, at = [], 0
    for i in range(4 * (n + 1)):
        want.append((at, i % (n + 1)))
        at += s if i % (n + 1) < n else work
    return same_turns(want, play.turns())


@lab.item("rule2-slices", 10, "each level has its slice and its allotment")
def rule2_slices(g):
    r, n = rules(g), g.term["hogs"]
    want, at = [], 0
    for l, s in enumerate(r.slice):
        for i in range(n * (g.term["allot"] if l < r.last else 2)):
            want.append((at, i % n))
            at += s
    play = Play(g, r.params, *hogs(n), f"end@{at + 1}")
    return same_turns(want, play.turns())


@lab.item("rule2-slept", 5, "the slice of one that has slept")
def rule2_slept(g):
    s = g.term["slice"] * MS
    work, off = s * 2 // 5, s // 10
    play = Play(g, Rules(1, s).params, f"nap@0:{work}:{off}", "hog@0",
                f"end@{5 * s}")
    want = [(0, 0), (work, 1), (work + s, 0), (2 * work + s, 1),
            (2 * work + 2 * s, 0)]
    if g.term["slept"] == KEEPS:
        want.append((3 * s, 1))
    else:
        want.append((3 * work + 2 * s, 1))
    return same_turns(want, play.turns())


# ---- rule 3 ----------------------------------------------------------------

@lab.item("rule3-new", 5, "a new task starts on level 0")
def rule3_new(g):
    r, n = rules(g), g.term["hogs"]
    at = sunk(r, n)
    play = Play(g, r.params, *hogs(n), f"hog@{at}",
                f"end@{at + (n + 2) * r.slice[-1] + r.top}")
    after = [p for p in play.picks if p.at >= at]
    if not after:
        raise Lost(f"a newcomer that runs after {ms(at)}", "nothing new does")
    g.expect((n, 0), (after[0].id, after[0].level),
             "the next that is picked, and its level")
    return f"level 0 at {ms(after[0].at)}"


@lab.item("rule3-child", 5, "a child starts where its parent is")
def rule3_child(g):
    r = rules(g)
    used = r.allot[0] * 7 // 10
    late = used + 3 * r.top + 4 * r.slice[-1]
    play = Play(g, r.params, "hog@0", f"child@{used}:0", f"child@{late}:0",
                f"end@{late + r.top + 4 * r.slice[-1]}")
    on_its_level(r, [p for p in play.picks if p.id == 1], lambda p: -used)
    last = [p.level for p in play.picks if p.id == 2]
    if not last or set(last) != {r.last}:
        raise Lost(f"a child of one on level {r.last} there",
                   f"levels {sorted(set(last))}")
    return "with what its parent had used"


# ---- rule 4 ----------------------------------------------------------------

@lab.item("rule4-sinks", 5, "whose allotment is used up goes down")
def rule4_sinks(g):
    r = rules(g)
    play = Play(g, r.params, "hog@0", f"end@{r.top + 3 * r.slice[-1]}")
    on_its_level(r, play.picks)
    seen = [p.level for p in play.picks]
    g.expect(list(range(r.last + 1)), sorted(set(seen)), "levels seen")
    return f"on level {r.last} after {ms(r.top)}"


@lab.item("rule4-pieces", 10, "in however many pieces it was used")
def rule4_pieces(g):
    r = rules(g)
    work = r.slice[0] * 37 // 100
    for kind, off in (("yield", 0), ("nap", work // 3)):
        end = (r.top + 2 * r.slice[-1]) * (work + off) // work
        play = Play(g, r.params, f"{kind}@0:{work}:{off}", f"end@{end}")
        on_its_level(r, play.picks)
        for p in play.picks:
            left = r.left(p.ran)
            if left is not None and p.slice > left:
                raise Lost(f"no slice beyond the allotment, {ms(left)} at "
                           f"{ms(p.at)}", ms(p.slice))
        g.expect(r.last, play.picks[-1].level, "level at last")
    return "by yields and by sleeps"


@lab.item("rule4-late", 5, "a late tick: what it ran too long counts below")
def rule4_late(g):
    r = rules(g)
    for by in (r.allot[0] + r.allot[1] * 7 // 10, r.top + r.slice[-1] // 3):
        run = g.host("probe", "late", r.params, by).good()
        picks = [Pick(p) for p in run.all("pick")]
        if len(picks) < 2:
            raise Lost("a tick that stops it", "none")
        on_its_level(r, picks)
        left = r.left(by)
        if left and picks[1].slice > left:
            raise Lost(f"a slice of at most {ms(left)}", ms(picks[1].slice))
    return "it does"


# ---- rule 5 ----------------------------------------------------------------

def base(play, every):
    """What a task had run at the boost before the pick."""
    def at(p):
        k = p.at // every
        if k == 0:
            return 0
        mark = play.marks[k - 1]
        return mark[1 + p.id] if len(mark) > 1 + p.id else 0
    return at


@lab.item("rule5-boost", 10, "at a boost all are on level 0, with all of it")
def rule5_boost(g):
    n = g.term["hogs"]
    plain = rules(g)
    every = n * (plain.allot[0] + plain.allot[1] * 3 // 5) + 300001
    r = rules(g, every)
    play = Play(g, r.params, *hogs(n), f"mark@{every}:{every}",
                f"end@{every * 7 - 1}")
    on_its_level(r, play.picks, base(play, every))
    for k in range(1, 7):
        after = [p.at for p in play.picks if p.at > k * every]
        if not after or after[0] > k * every + r.slice[0]:
            raise Lost(f"the end of who runs at {ms(k * every)} after at most "
                       f"a slice, {ms(r.slice[0])}",
                       ms(after[0] - k * every) if after else "none")
    return "six boosts"


@lab.item("rule5-asleep", 5, "also who sleeps then")
def rule5_asleep(g):
    plain = rules(g)
    every = 3 * plain.top
    r = rules(g, every)
    work = r.allot[0] + r.allot[1] // 2
    play = Play(g, r.params, f"nap@0:{work}:{every + every // 3}",
                f"mark@{every}:{every}", f"end@{every * 9 - 1}")
    on_its_level(r, play.picks, base(play, every))
    if not any(p.level > 0 for p in play.picks):
        raise Lost("level 1 in between", "level 0 always")
    woke = [p for p in play.picks[1:] if p.ran % work == 0]
    g.expect({0}, {p.level for p in woke}, "levels after the sleeps")
    return f"{len(woke)} sleeps"


# ---- gaming, boosting ------------------------------------------------------

@lab.item("gaming", 5, "who gives up the hart in time gains nothing")
def gaming(g):
    r = rules(g, g.term["boost"] * MS)
    work, end = r.slice[0] * 9 // 10, 20000 * MS
    worst = 0
    for trick in (f"nap@0:{work}:10000", f"yield@0:{work}"):
        play = Play(g, r.params, "hog@0", trick, f"mark@{end}:{end}",
                    f"end@{end}")
        hog, gamer = play.jobs[0][1], play.jobs[1][1]
        if gamer * 100 > hog * 110:
            raise Lost(f"no more than a tenth above the hog, {ms(hog)}",
                       f"{ms(gamer)} by {trick.split('@')[0]}")
        worst = max(worst, gamer / hog)
    return f"{worst:.2f} times what a hog gets"


@lab.item("boosting", 5, "boosts free one that newcomers starve")
def boosting(g):
    s = g.term["slice"] * MS
    work = s * 9 // 10
    # A hog that has sunk, and for six boosts always a newcomer.
    arrivals = [23 * s + i * work for i in range(32)]
    r = Rules(3, s, 1, 1, 5 * s)
    play = Play(g, r.params, "hog@0", f"mark@{arrivals[0]}:{29 * s}",
                *[f"once@{at}:{work}" for at in arrivals],
                f"end@{arrivals[0] + 29 * s}")
    got = play.marks[1][1] - play.marks[0][1]
    if got < 4 * s:
        raise Lost(f"at least {ms(4 * s)} in six boosts", ms(got))
    return f"{ms(got)} in six boosts"


# ---- all of it -------------------------------------------------------------

@lab.item("defaults", 5, "the parameters that the page asks for")
def defaults(g):
    run = g.host("probe", "defaults")
    for key, unit in (("levels", 1), ("slice", MS), ("grow", 1), ("allot", 1),
                      ("boost", MS)):
        g.expect(g.term[key] * unit, int(run.told(key)), key)
    return "as asked for"


@lab.item("contract", 5, "the checker finds no broken promise of sched.h")
def contract(g):
    run = g.check("mlfq", depth=6)
    broken = [f for f in run.failing
              if f.split()[0] in ("contract", "exhaustive", "random", "cost")]
    if broken:
        raise Lost("nothing that fails", broken[0])
    if not run.failing:
        run.good()
    return "none"


KERNEL = Rules(3, 5 * MS, 2, 1, 2000 * MS)


@lab.item("kernel", 5, "in the kernel: quick beside hogs, and not gamed")
def kernel(g):
    run = g.boot("lab_mlfq", sched="mlfq", params=KERNEL.params, disk=True)
    wait = int(run.told("wait"))
    if wait > 1 * MS:
        raise Lost("a wait of at most 1 ms for one that runs shortly", ms(wait))
    hog, gamer = int(run.told("hog")), int(run.told("gamer"))
    if gamer * 100 > hog * 125 or hog < 50 * MS:
        raise Lost(f"no more for who naps in time than for a hog, {ms(hog)}, "
                   "and a quarter", ms(gamer))
    return f"waits {ms(wait)}; {gamer / hog:.2f} times a hog"
