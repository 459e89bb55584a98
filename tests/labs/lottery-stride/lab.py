"""Lab lottery-stride: CPU time by tickets, with luck and without."""

import re
from math import sqrt

from frame import Lab, Lost, text

lab = Lab(
    title="Shares by tickets: lottery and stride",
    files=["sched/lottery.c", "sched/stride.c", "sched/draw.h"],
    optional=["sched/draw.h"],
    host={"probe": ["lottery", "stride"]},
    kernels=[dict(sched="stride")],
    builds=["build/host/check/lottery", "build/host/check/stride"],
    leave_out=["sched/draw.h", "tests/host/test_draw.c",
               "tests/host/test_lottery.c", "tests/host/test_tickets.c",
               "tests/host/test_book.c"],
    cuts=[
        text("sched/sched.h", "tickets.h, draw.h, levels.h",
             "tickets.h, levels.h"),
    ],
    # It checks its tree as lottery does.
    shared=["sched/stcf.c"],
)

MS = 1000000
SURE = 5  # standard deviations: exceeded by luck once in a million


@lab.term
def term(r):
    shares = r.sample(range(1, 8), 4)
    close = r.randint(80, 120)
    return {
        "slice": r.choice([4, 5, 6, 8, 12]),  # ms, the default
        "worth": r.choice([10, 20, 30, 50]),
        "part": r.choice([4, 5, 8]),
        "tickets": ", ".join(map(str, shares)),
        "close": f"{close + 1} and {close}",
        "seed": r.randint(1, 10**6),
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
    for policy in ("lottery", "stride"):
        change(f"{folder}/sched/{policy}.c",
               r'("slice", UNIT_TIME), MSEC\(10\)',
               rf"\1, MSEC({t['slice']})")
    change(f"{folder}/sched/draw.h", r"(#define DRAW_WORTH) 100",
           rf"\1 {t['worth']}")


def numbers(words):
    return [int(n) for n in re.findall(r"\d+", words)]


# ---- what came of it -------------------------------------------------------

class Play:
    """What came of these events under that policy."""

    def __init__(self, g, policy, params, *events):
        run = g.host("probe", "play", policy, params, g.term["seed"],
                     *events).good()
        self.picks = [list(map(int, p.split())) for p in run.all("pick")]
        self.order = "".join(run.all("order"))
        self.marks = [list(map(int, m.split())) for m in run.all("mark")]

    def ran(self, task, until):
        """What a task has run by then, from the picks."""
        total = 0
        for p, q in zip(self.picks, self.picks[1:]):
            if p[1] == task and p[0] < until:
                total += min(q[0], until) - p[0]
        return total


def ms(ns):
    return f"{ns / MS:.3f}".rstrip("0").rstrip(".") + " ms"


def hogs(tickets, at=0):
    """Events: a hog with each of these numbers."""
    n = len(tickets)
    return [f"hog@{at}"] * n + [f"set@{at}:{i}:tickets:{t}"
                                for i, t in enumerate(tickets)]


def by_lot(what, n, p, won):
    """Of n draws, each won with probability p, so many were."""
    sd = sqrt(n * p * (1 - p))
    if n < 1000 or abs(won - n * p) > SURE * sd:
        raise Lost(f"{what} wins {n * p:.0f} of {n} draws, give or take "
                   f"{SURE * sd:.0f}", won)


def all_by_lot(tickets, won):
    for i, t in enumerate(tickets):
        by_lot(f"{chr(65 + i)} with {t} of {sum(tickets)} tickets", sum(won),
               t / sum(tickets), won[i])


S = 1 * MS  # the slice where nothing is said
DRAWS = 60000
PLAIN = "slice=1ms"


# ---- lottery ---------------------------------------------------------------

def shares(g):
    tickets = numbers(g.term["tickets"])
    play = Play(g, "lottery", PLAIN, *hogs(tickets), "brief@0",
                f"end@{DRAWS * S}")
    if not play.order:
        raise Lost("draws", "none")
    return tickets, play.order


@lab.item("lottery-shares", 10, "draws are won by tickets")
def lottery_shares(g):
    tickets, order = g.once(shares)
    won = [order.count(chr(65 + i)) for i in range(len(tickets))]
    all_by_lot(tickets, won)
    return f"{':'.join(map(str, won))} for {':'.join(map(str, tickets))}"


@lab.item("lottery-chance", 5, "by lot, and not by turns")
def lottery_chance(g):
    tickets, order = g.once(shares)
    # By what each has won: whether that is its share, the item above says.
    p = [order.count(chr(65 + i)) / len(order) for i in range(len(tickets))]
    square, cube = sum(x ** 2 for x in p), sum(x ** 3 for x in p)
    n = len(order) - 1
    again = sum(a == b for a, b in zip(order, order[1:]))
    sd = sqrt(n * (square - square ** 2 + 2 * (cube - square ** 2)))
    if n < 1000 or abs(again - n * square) > SURE * sd:
        raise Lost(f"in {n} draws {n * square:.0f} won by who won the one "
                   f"before, give or take {SURE * sd:.0f}", again)
    return f"{again} of {n} won by who won the one before"


def won_in(play, k):
    """Slices won by each, of hogs, until mark k and from it on."""
    at, end = play.marks[k], play.marks[-1]
    return ([n // S for n in at[1:]],
            [(m - n) // S for n, m in zip(at[1:], end[1:])])


@lab.item("lottery-change", 5, "tickets that change count from the next draw")
def lottery_change(g):
    before = numbers(g.term["tickets"])
    after = before[1:] + [n + 1 for n in before[:1]]
    half = DRAWS // 2 * S
    play = Play(g, "lottery", PLAIN, *hogs(before), "brief@0",
                f"mark@{half}:{half}",
                *[f"set@{half}:{i}:tickets:{t}" for i, t in enumerate(after)],
                f"end@{2 * half}")
    first, then = won_in(play, 0)
    all_by_lot(before, first)
    all_by_lot(after, then)
    return f"{':'.join(map(str, then))} for {':'.join(map(str, after))}"


@lab.item("lottery-child", 5, "a child has as many as its parent")
def lottery_child(g):
    a, b = numbers(g.term["tickets"])[:2]
    play = Play(g, "lottery", PLAIN, *hogs([a, b]), "child@0:0", "brief@0",
                f"end@{DRAWS // 2 * S}")
    won = [play.order.count(c) for c in "ABC"]
    all_by_lot([a, b, a], won)
    return ":".join(map(str, won))


@lab.item("lottery-compensation", 5, "who uses a part of its slice wins more")
def lottery_compensation(g):
    part = g.term["part"]
    p = part / (part + 1)
    work = S // part
    play = Play(g, "lottery", PLAIN, f"yield@0:{work}", "hog@0", "brief@0",
                f"end@{20000 * S}")
    order = play.order
    by_lot(f"one that yields after 1/{part} of its slice", len(order), p,
           order.count("A"))
    # One that sleeps for a moment: the other then runs, and the next is drawn.
    play = Play(g, "lottery", PLAIN, f"nap@0:{work}:1000", "hog@0", "brief@0",
                f"end@{20000 * S}")
    after = [b for a, b in zip(play.order, play.order[1:]) if a == "B"]
    by_lot(f"one that sleeps after 1/{part} of its slice", len(after), p,
           after.count("A"))
    return f"{after.count('A')} of {len(after)}"


@lab.item("lottery-most", 5, "but not without bound")
def lottery_most(g):
    worth = g.term["worth"]
    play = Play(g, "lottery", PLAIN, f"yield@0:{S // 1000}", "hog@0", "brief@0",
                f"end@{3000 * S}")
    order = play.order
    by_lot(f"one that uses 1/1000 of its slice, worth {worth} times its "
           "tickets,", len(order), worth / (worth + 1), order.count("A"))
    return f"{order.count('A')} of {len(order)}"


@lab.item("lottery-once", 5, "a win ends the compensation")
def lottery_once(g):
    part = g.term["part"]
    # By turns it uses all of a slice and a part of one.
    play = Play(g, "lottery", PLAIN, f"yield@0:{S + S // part}", "hog@0",
                "brief@0", f"end@{20000 * S}")
    drawn, won, wins = [0, 0], [0, 0], 1
    for c in play.order:
        used_part = wins % 2 == 0
        drawn[used_part] += 1
        if c == "A":
            won[used_part] += 1
            wins += 1
    by_lot("after a whole slice one with half of the tickets", drawn[0], 1 / 2,
           won[0])
    by_lot(f"after 1/{part} of a slice it", drawn[1], part / (part + 1), won[1])
    return f"{won[0]} of {drawn[0]}, {won[1]} of {drawn[1]}"


@lab.item("lottery-transfer", 5, "what is lent to a task counts while it is")
def lottery_transfer(g):
    a, b, lent = numbers(g.term["tickets"])[:3]
    half = DRAWS // 2 * S
    play = Play(g, "lottery", PLAIN, *hogs([a, b]), f"lend@0:0:{lent}",
                "brief@0", f"mark@{half}:{half}", f"lend@{half}:0:0",
                f"end@{2 * half}")
    first, then = won_in(play, 0)
    all_by_lot([a + lent, b], first)
    all_by_lot([a, b], then)
    # A child does not inherit a loan.
    play = Play(g, "lottery", PLAIN, *hogs([a, b]), f"lend@0:0:{lent}",
                "child@0:0", "brief@0", f"end@{half}")
    all_by_lot([a + lent, b, a], [play.order.count(c) for c in "ABC"])
    return f"{first[0]}:{first[1]} with {lent} lent to the first of {a}:{b}"


# ---- stride ----------------------------------------------------------------

def apart(tickets, ran):
    """How far two of them are from their shares, at the most; and which."""
    worst = (0, 0, 0)
    for i, t in enumerate(tickets):
        for j, u in enumerate(tickets):
            off = ran[i] - (ran[i] + ran[j]) * t / (t + u)
            worst = max(worst, (off, i, j))
    return worst


def near(tickets, ran, most, at):
    off, i, j = apart(tickets, ran)
    if off > most:
        raise Lost(f"nobody more than {ms(most)} ahead of its share",
                   f"{chr(65 + i)} beside {chr(65 + j)} {ms(off)} at {ms(at)}")
    return off


def always_near(tickets, play, most, start=None):
    """At all marks, of what they have run since the first, or since 0."""
    worst = 0
    start = start or [0] * len(tickets)
    for mark in play.marks:
        ran = [n - s for n, s in zip(mark[1:], start)]
        worst = max(worst, near(tickets, ran, most, mark[0]))
    if not sum(play.marks[-1][1:]) > play.marks[-1][0] * 0.99:
        raise Lost("a hart that is always used", "idle time")
    return f"never more than {ms(worst)} ahead, slice {ms(S)}"


@lab.item("stride-error", 5, "nobody is further than a slice from its share")
def stride_error(g):
    tickets = numbers(g.term["tickets"])
    every = S * 7 // 10
    play = Play(g, "stride", PLAIN, *hogs(tickets), f"mark@{every}:{every}",
                "brief@0", f"end@{1000 * S}")
    return always_near(tickets, play, S)


@lab.item("stride-exact", 5, "nor after a minute, with tickets close to each "
          "other")
def stride_exact(g):
    tickets = numbers(g.term["close"])
    play = Play(g, "stride", PLAIN, *hogs(tickets), "brief@0",
                f"mark@{997 * S}:{997 * S}", f"end@{60000 * S}")
    return always_near(tickets, play, S)


@lab.item("stride-part", 5, "who uses a part of its slice is charged for that")
def stride_part(g):
    work = S * 3 // 10
    play = Play(g, "stride", PLAIN, f"yield@0:{work}", "hog@0", "brief@0",
                f"mark@{7 * S}:{7 * S}", f"end@{2000 * S}")
    return always_near([1, 1], play, S)


@lab.item("stride-slept", 5, "a sleep saves up nothing")
def stride_slept(g):
    a, b, c = numbers(g.term["tickets"])[:3]
    work, off = 30 * S, 400 * S
    play = Play(g, "stride", PLAIN, *hogs([a, b]), f"nap@0:{work}:{off}",
                f"set@0:2:tickets:{c}", f"end@{2500 * S}")
    ran, woke = 0, []
    for p, q in zip(play.picks, play.picks[1:]):
        if p[1] == 2:
            ran += q[0] - p[0]
            if q[0] > p[0] and ran % work == 0:
                woke.append(q[0] + off)
    span = work // 2 * (a + b + c) // c  # in which it does not sleep again
    worst = 0
    for at in woke:
        if at + span < play.picks[-1][0]:
            got = [play.ran(i, at + span) - play.ran(i, at) for i in range(3)]
            worst = max(worst, near([a, b, c], got, 2 * S, at + span))
    if len(woke) < 2:
        raise Lost("some sleeps", "none that ends")
    return f"{len(woke)} sleeps, then never more than {ms(worst)} ahead"


@lab.item("stride-new", 5, "nor does one that comes late catch up")
def stride_new(g):
    tickets = numbers(g.term["tickets"])
    a, b, c = tickets[:3]
    at = 500 * S
    play = Play(g, "stride", PLAIN, *hogs([a, b]), f"mark@{at}:{S * 3 // 2}",
                f"hog@{at}", f"set@{at}:2:tickets:{c}", "brief@0",
                f"end@{at + 300 * S}")
    start = play.marks[0][1:] + [0]
    for mark in play.marks[1:]:
        got = [n - s for n, s in zip(mark[1:], start)]
        near([a, b, c], got, 2 * S, mark[0])
    return "by tickets from when it came"


@lab.item("stride-debt", 5, "nor is a debt forgotten in a sleep")
def stride_debt(g):
    work = S * 9 // 10
    play = Play(g, "stride", PLAIN, f"nap@0:{work}:1000", "hog@0",
                "set@0:0:tickets:10", "set@0:1:tickets:30", "brief@0",
                f"mark@{1000 * S}:{1000 * S}", f"end@{1000 * S}")
    got = play.marks[-1][1]
    if got > 250 * S + 2 * S:
        raise Lost("no more than its share, a quarter, for one that naps after "
                   f"each turn: {ms(250 * S)}", ms(got))
    if got < 200 * S:
        raise Lost(f"at least {ms(200 * S)} for it", ms(got))
    return f"{ms(got)} of {ms(1000 * S)}"


@lab.item("stride-change", 5, "tickets that change count at once")
def stride_change(g):
    a, b, c = numbers(g.term["tickets"])[:3]
    at = 3 * S + S // 3  # each has run once
    before, after = [a, 50 * b, 1], [50 * b, c, 40]
    play = Play(g, "stride", PLAIN, *hogs(before), f"mark@{at}:{S * 3 // 2}",
                "brief@0",
                *[f"set@{at}:{i}:tickets:{t}" for i, t in enumerate(after)],
                f"end@{at + 500 * S}")
    near(before, play.marks[0][1:], S, at)
    worst = 0
    for mark in play.marks[1:]:
        got = [n - s for n, s in zip(mark[1:], play.marks[0][1:])]
        worst = max(worst, near(after, got, 2 * S, mark[0]))
    return f"never more than {ms(worst)} ahead since"


@lab.item("stride-transfer", 5, "and what is lent")
def stride_transfer(g):
    many, _, lent = [20 * n for n in numbers(g.term["tickets"])[:3]]
    at, end = 2 * S + S // 3, 300 * S + S // 5  # each has run once
    play = Play(g, "stride", PLAIN, *hogs([many, 1]), "brief@0",
                f"mark@{at}:{end - at}", f"lend@{at}:1:{lent}",
                f"lend@{end}:1:0", f"end@{2 * end - at}")
    if len(play.marks) < 3:
        raise Lost("three marks", len(play.marks))
    first, then, last = (m[1:] for m in play.marks[:3])
    near([many, 1], first, S, at)
    near([many, 1 + lent], [n - m for n, m in zip(then, first)], 2 * S, end)
    near([many, 1], [n - m for n, m in zip(last, then)], 2 * S, 2 * end - at)
    return "at once, and back"


# ---- both ------------------------------------------------------------------

@lab.item("defaults", 5, "the slice that the page asks for")
def defaults(g):
    for policy in ("lottery", "stride"):
        run = g.host("probe", "defaults", policy)
        g.expect(g.term["slice"] * MS, int(run.told("slice")),
                 f"slice of {policy}")
    return ms(g.term["slice"] * MS)


@lab.item("contract", 5, "the checker finds no broken promise of sched.h")
def contract(g):
    for policy in ("lottery", "stride"):
        run = g.check(policy, part="contract")
        if run.failing:
            raise Lost("nothing that fails", run.failing[0])
        run.good()
    return "none"


@lab.item("kernel", 5, "in the kernel: shares, and a server that is lent to")
def kernel(g):
    run = g.boot("lab_shares", sched="stride", params="slice=5ms", disk=True)
    want = [3, 2, 1]
    got = [int(n) for n in run.told("shares").split()]
    near(want, got, 10 * MS, sum(got))
    served, other = map(int, run.told("served").split())
    # The server works with its client's tickets beside one that has as many.
    if other == 0 or not 0.75 < served / other < 1.35:
        raise Lost("a server with one ticket that gets as much as a hog with "
                   "its client's number", f"{ms(served)} beside {ms(other)}")
    return f"{' '.join(map(ms, got))}; served {ms(served)} beside {ms(other)}"
