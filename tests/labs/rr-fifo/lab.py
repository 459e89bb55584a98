"""rr-fifo: first in, first out and round robin."""

import os
from collections import deque

from frame import Lab, Lost, lines

ANSWERS = "docs/labs/rr-fifo/answers.txt"
FOREVER = 10**12

lab = Lab(
    title="First in, first out and round robin",
    files=["sched/fifo.c", "sched/rr.c", ANSWERS],
    host={"fifo": ["fifo"], "rr": ["rr"]},
    kernels=[dict(sched="fifo"), dict(sched="rr")],
    # Other policies hold the answer, and tests need the other policies.
    leave_out=["sched/mlfq.c", "sched/lottery.c", "sched/stride.c",
               "sched/stcf.c", "sched/eevdf.c", "sched/skeleton.in",
               "docs/check.md", "tests/host/test_*.c", "tests/system/*"],
    cuts=[
        lines("docs/scheduler.md", r"^## Write your own policy",
              r"^## When a promise",
              "## When a promise is broken\n"),
        lines("docs/guide/interface.md", r"^## The smallest policy",
              r"^## The core watches", "## The core watches\n"),
    ],
)


@lab.term
def term(r):
    jobs = [r.randint(4, 12) * 5 for _ in range(r.randint(4, 5))]
    return {
        "slice": r.choice([3, 4, 7, 9]),  # ms, not the default
        "jobs": ", ".join(map(str, jobs)),
        "list": ",".join(map(str, jobs)),
        "seed": r.randint(1, 10**6),
    }


def jobs_of(term):
    return [int(j) for j in term["list"].split(",")]


# ---- a model: one hart, one queue -------------------------------------------

def model(jobs, slice_, span):
    """[(time, job or -1)] of each pick; a job is (arrival, run, then), then
    "end", "yield" or how long to sleep.  Times in microseconds."""
    coming = sorted((a, i) for i, (a, _, _) in enumerate(jobs))
    left = [run or FOREVER for _, run, _ in jobs]
    ready, picks, now, idle = deque(), [(0, -1)], 0, True

    def arrive(upto):
        while coming and coming[0][0] <= upto:
            ready.append(coming.pop(0)[1])

    while True:
        arrive(now)
        if not ready:
            if not idle:
                picks.append((now, -1))
            idle = True
            if not coming or coming[0][0] >= span:
                return picks
            now = coming[0][0]
            continue
        idle = False
        i = ready.popleft()
        picks.append((now, i))
        ran = min(slice_, left[i])
        now += ran
        if now >= span:
            return picks
        left[i] -= ran
        arrive(now - 1)
        if left[i] > 0 or jobs[i][2] == "yield":
            if left[i] == 0:
                left[i] = jobs[i][1]
            arrive(now)
            ready.append(i)
        elif jobs[i][2] != "end":
            left[i] = jobs[i][1]
            coming.append((now + jobs[i][2], i))
            coming.sort()


def means(term, slice_):
    """Mean response and turnaround in ms of the term's jobs, together at 0."""
    jobs = [(0, j * 1000, "end") for j in jobs_of(term)]
    picks = model(jobs, slice_, FOREVER)
    first, end = {}, {}
    for (at, i), (after, _) in zip(picks, picks[1:]):
        if i >= 0:
            first.setdefault(i, at)
            end[i] = after
    n = len(jobs)
    return sum(first.values()) / n / 1000, sum(end.values()) / n / 1000


def compare(g, policy, jobs, slice_=None, span=300050):
    """Does the policy pick as the model does?"""
    params = f"slice={slice_}us" if slice_ else ""
    wanted = model(jobs, slice_ or (FOREVER if policy == "fifo" else 10000),
                   span)
    run = g.host(policy, "jobs", params, span,
                 *[f"{a},{r},{t}" for a, r, t in jobs])
    run.good()
    got = [tuple(map(int, p.split())) for p in run.all("pick")]
    for k, (w, p) in enumerate(zip(wanted, got)):
        if w != p:
            who = [f"job {i}" if i >= 0 else "nobody" for _, i in (w, p)]
            raise Lost(f"{policy} to pick {who[0]} at {w[0]} us, pick {k}",
                       f"{who[1]} at {p[0]} us")
    g.expect(len(wanted), len(got), f"picks by {policy}")


# ---- fifo --------------------------------------------------------------------

@lab.item("fifo-order", 10, "who became ready first, runs first")
def fifo_order(g):
    compare(g, "fifo", [(300 * i, j * 1000, "end")
                        for i, j in enumerate(jobs_of(g.term))])


@lab.item("fifo-runs-on", 10, "nobody is stopped before it blocks or ends")
def fifo_runs_on(g):
    compare(g, "fifo", [(0, 180000, "end"), (200, 1000, 7300)])


# ---- rr ----------------------------------------------------------------------

@lab.item("rr-turns", 15, "each ready task runs for one slice, in turn")
def rr_turns(g):
    compare(g, "rr", [(0, 0, "end")] * len(jobs_of(g.term)))


@lab.item("rr-slice", 10, "the slice is the parameter's")
def rr_slice(g):
    compare(g, "rr", [(0, 0, "end")] * 3, g.term["slice"] * 1000)


@lab.item("rr-wake", 10, "one that wakes waits behind all others")
def rr_wake(g):
    compare(g, "rr", [(0, 0, "end"), (0, 0, "end"), (100, 1000, 2300)])


@lab.item("rr-yield", 5, "one that yields goes behind all others")
def rr_yield(g):
    compare(g, "rr", [(0, 0, "end"), (0, 1700, "yield"), (0, 0, "end")])


# ---- both --------------------------------------------------------------------

@lab.item("pinned", 10, "passed over: a task that may not run on this hart")
def pinned(g):
    for policy in ("fifo", "rr"):
        run = g.host(policy, "pinned", "").good()
        g.expect("0", run.told("idle"), f"{policy}: us that a hart was idle")
        g.expect("1000000", run.told("third"),
                 f"{policy}: us that the third task ran")


@lab.item("leave", 5, "a queued task can be taken off and comes back")
def leave(g):
    for policy in ("fifo", "rr"):
        g.expect("yes", g.host(policy, "change", "").good().told("sound"))


@lab.item("surplus", 5, "an idle hart gets a task of the other's queue")
def surplus(g):
    for policy in ("fifo", "rr"):
        g.expect("0", g.host(policy, "steal", "").good().told("idle"),
                 f"{policy}: us that a hart was idle")


def in_kernel(g, policy, slice_, params=""):
    """Mean response and turnaround in the guest, against the model's."""
    jobs = jobs_of(g.term)
    run = g.boot(f"lab_batch {' '.join(map(str, jobs))}", sched=policy,
                 params=params, seed=g.term["seed"], cpu=10)
    rows = [tuple(map(int, j.split())) for j in run.all("job")]
    if len(rows) != len(jobs):
        raise Lost(f"{len(jobs)} jobs that end", run.why or f"{len(rows)}")
    for i, first, _ in rows:
        before = sum(jobs[:i])
        if policy == "fifo" and abs(first / 1000 - before) > 0.06 * before + 4:
            raise Lost(f"job {i} to run first at {before} ms",
                       f"{first / 1000:.1f} ms")
    got = (sum(r[1] for r in rows) / len(rows) / 1000,
           sum(r[2] for r in rows) / len(rows) / 1000)
    wanted = means(g.term, slice_)
    for name, w, x in zip(("response", "turnaround"), wanted, got):
        # To fork takes time, and what the parent does, a slice at the most.
        if abs(w - x) > 0.06 * w + 4:
            raise Lost(f"a mean {name} of {w:.1f} ms", f"{x:.1f} ms")
    return "response %.1f ms, turnaround %.1f ms" % got


@lab.item("kernel-fifo", 5, "jobs in the kernel under fifo take their time")
def kernel_fifo(g):
    return in_kernel(g, "fifo", FOREVER)


@lab.item("kernel-rr", 5, "jobs in the kernel under rr take their time")
def kernel_rr(g):
    slice_ = g.term["slice"]
    return in_kernel(g, "rr", slice_ * 1000, f"slice={slice_}ms")


@lab.item("answers", 10, "response and turnaround, worked out by hand")
def answers(g):
    said = {}
    for line in g.read(ANSWERS).splitlines():
        name, _, value = line.partition(":")
        if value.strip():
            said[name.strip()] = value.split()[0]
    for policy, slice_ in (("fifo", FOREVER), ("rr", g.term["slice"] * 1000)):
        for what, w in zip(("response", "turnaround"), means(g.term, slice_)):
            name = f"{policy} {what}"
            try:
                x = float(said.get(name, "?"))
            except ValueError:
                x = None
            if x is None or abs(x - w) > 0.06:
                raise Lost(f"{name}: the mean of the term's jobs, in ms, a "
                           "number such as 12.3",
                           said.get(name, "nothing"))
    return "all four means"


@lab.reference
def reference(folder, term):
    """The answers depend on the term."""
    path = f"{folder}/{ANSWERS}"
    if os.path.exists(path):  # a wrong answer brings its own
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        for policy, slice_ in (("fifo", FOREVER), ("rr", term["slice"] * 1000)):
            for what, x in zip(("response", "turnaround"),
                               means(term, slice_)):
                f.write(f"{policy} {what}: {x:.2f} ms\n")
