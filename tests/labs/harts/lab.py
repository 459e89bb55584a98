"""harts: a queue a hart, stealing, balance, and an idle hart."""

from frame import Lab, Lost, body, lines

CORE, CHANGE, BALANCE = "sched/core.c", "sched/change.c", "sched/balance.c"
TICKETS = ["300 100 200", "100 100 99", "100 100 60", "500 100 100"]

lab = Lab(
    title="Many harts: stealing, balance, and an idle one",
    files=[CORE, CHANGE, BALANCE],
    host={"probe": ["rr", "mlfq", "stride"]},
    parts={CORE: "sched_broken",
           CHANGE: "sched_broken core_fire core_count_pinned "
                   "core_settle_among sched_misplaced",
           BALANCE: "sched_broken core_fire sched_spare"},
    kernels=[dict(sched="rr"), dict(sched="rr", runq="perhart")],
    cuts=[
        # The idle hart.  This file goes along: no cut may quote what it takes.
        body(CORE, "settle_rest", """\
  struct task *due = rq->due[hart];
  uint64_t others = rq->harts & ~bit(hart);

  rq->stopped = 0;
  if (due) {
    rq->due[hart] = 0;
    due->due = -1;
    core_settle(rq, due, others, now);
  }
"""),
        lines(CORE, "^// `hart` has picked", "may have to run elsewhere", """\
// `hart` has picked.  The task that it was told for, if it was left over, may
// have to run elsewhere.
"""),
        lines(CORE, "^// hart picks another", "^// harts:", """\
// hart picks another, the one that is left over is settled again.  This is
// to keep, on any number of harts:
"""),
        body(CHANGE, "sched_spare", """\
  // Yours: a task by the policy's hook surplus(), or 0.  Before: is there one
  // that the thief may have?  After: what does promise (7) say of the answer,
  // and what does each entry of the core do first and last?
  return 0;
"""),
        body(CHANGE, "pushes_out", """\
  // Yours: see core_may_push in inside.h.  Which hook does it call, and what
  // does sched.h say of a policy that has none?
  return false;
"""),
        body(CHANGE, "sched_welcome", """\
  // Yours: an idle hart that t may use, or one where it pushes somebody out.
  return false;
"""),
        body(BALANCE, "count", """\
  // Yours: t->lacks.  Since it was last counted, t has run for st.ran -
  // seen_ran, and has waited; a wait that goes on began at t->since.  Of a
  // long time, only LONG counts.  The kernel can divide 64 bits, not 128.
"""),
        body(BALANCE, "slope", """\
  // Yours: k of the head of this file.
  return 0;
"""),
        body(BALANCE, "shortfall", """\
  // Yours: the terms of F with k in them.  k is shifted; so must be the sum.
  return 0;
"""),
        body(BALANCE, "sched_even", """\
  // Yours: the task after whose move F is least, if it falls by WORTH or more.
  // A policy without next() cannot be looked through: then it is anyone's turn.
  return 0;
"""),
    ],
)


@lab.term
def term(r):
    nhart = r.choice([4, 8])
    return {
        "nhart": nhart,
        "hogs": nhart + r.randint(1, nhart - 1),
        "tickets": r.choice(TICKETS),
        "beside": r.randint(2, 6),
    }


def entitled(weights, nhart):
    """Which part of a hart each should have, none more than a whole one."""
    share = {}
    while True:
        left = nhart - sum(1 for s in share.values() if s == 1)
        rest = [i for i in range(len(weights)) if share.get(i) != 1]
        total = sum(weights[i] for i in rest)
        for i in rest:
            share[i] = min(1, weights[i] * left / total)
        if all(share[i] < 1 for i in rest):
            return [share[i] for i in range(len(weights))]


def shares(g, policy, nhart, weights, seconds):
    """Lost if one is more than 5 % off.  How often each has moved."""
    run = g.host("probe", "shares", policy, nhart, seconds, *weights, cpu=30)
    return compare(run, entitled(weights, nhart), seconds)


def compare(run, wanted, seconds):
    run.good()
    got = [int(x) / 1e6 / seconds for x in run.all("ran")]
    for i, (w, x) in enumerate(zip(wanted, got)):
        if abs(x / w - 1) > 0.05:
            raise Lost(f"task {i} to have {w:.3f} of a hart, within 5 %",
                       f"{x:.3f}; all: " + " ".join(f"{x:.3f}" for x in got))
    return [int(x) for x in run.all("moved")]


# ---- stealing, placing -------------------------------------------------------

@lab.item("steal", 15, "an idle hart takes a task that it may have")
def steal(g):
    run = g.host("probe", "steal", g.term["nhart"]).good()
    g.expect("0", run.told("idle"), "us that a hart was idle")
    g.expect("yes", run.told("ends"), "the others end, and two stay")


@lab.item("welcome", 10, "a queue says whether a task would run at once")
def welcome(g):
    run = g.host("probe", "welcome").good()
    for key, want, what in (
            ("free", ["1"], "the hart is idle"),
            ("barred", ["0", "0"], "the task may not run there"),
            ("busy", ["0"], "the hart is busy, and rr pushes nobody out"),
            ("pushes", ["1"], "it pushes out what runs"),
            ("told", ["0"], "the hart was told to stop for another task")):
        g.expect(" ".join(want), " ".join(run.all(key)), what)


# ---- balance -----------------------------------------------------------------

@lab.item("three-on-two", 15, "three equal tasks on two harts: 2/3 each")
def three_on_two(g):
    moved = shares(g, "rr", 2, [1] * 3, 10)
    return f"moved {sum(moved)} times"


@lab.item("more-harts", 10, "equal shares on more harts")
def more_harts(g):
    shares(g, "rr", g.term["nhart"], [1] * g.term["hogs"], 10)


@lab.item("weights", 15, "shares by tickets, on two harts")
def weights(g):
    shares(g, "stride", 2, [int(t) for t in g.term["tickets"].split()], 100)


@lab.item("at-rest", 5, "equal loads are left alone, unequal ones are not")
def at_rest(g):
    run = g.host("probe", "shares", "rr", 2, 10, *[1] * 3, cpu=30).good()
    if not any(int(x) for x in run.all("moved")):
        raise Lost("three tasks on two harts to move", "no move")
    moved = shares(g, "rr", 4, [1] * 8, 10)
    g.expect(0, sum(moved), "moves of eight tasks on four harts")


@lab.item("masks", 5, "who is pinned is not moved, and others make room")
def masks(g):
    compare(g.host("probe", "pinned"), [0.25] * 8, 10)


# ---- the idle hart -----------------------------------------------------------

@lab.item("idle-hart", 10, "no hart idles beside a task that was stopped")
def idle_hart(g):
    run = g.host("probe", "beside", g.term["beside"]).good()
    g.expect("0", run.told("idle"), "us that a hart was idle")


@lab.item("kernel-idle", 5, "the same in the kernel, on two harts")
def kernel_idle(g):
    idle_hart(g)  # two harts of a host may miss it, by luck
    run = g.boot("lab_beside", cpus=2, det=False, params="slice=1ms",
                 cpu=40).good()
    g.expect(0, int(run.told("left")),
             "rounds in which it stayed, and nobody told hart 1")


@lab.item("kernel-queues", 10, "a queue a hart, in the kernel")
def kernel_queues(g):
    run = g.boot("lab_loose", runq="perhart", cpus=2, det=False,
                 params="slice=2ms", cpu=40).good()
    g.expect(0, int(run.told("faults")),
             "times that a hart idled beside a waiting process")
    moved = [int(x) for x in run.all("moved")]
    if not int(run.told("steals")) or not all(moved):
        raise Lost("each of three hogs to move between two harts",
                   f"moved {moved}")
    return f"moved {moved}"
