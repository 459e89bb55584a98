"""Lab own: a policy of one's own, measured beside the shipped ones.

Everything is simulated, so the same file has the same figures everywhere.  A
measure is a number of which less is better.  Of each there are two items: near
round robin or better, and near the best of the policies that the tree has.
"""

import os

from frame import Lab, Lost

lab = Lab(
    title="A policy of your own",
    files=["sched/mine.c"],
    builds=["sim", "build/host/check/rr"],
)

SHIPPED = ["fifo", "stcf", "rr", "mlfq", "lottery", "stride", "eevdf"]
SWITCH = 0.1  # ms that a switch is counted as


@lab.term
def term(r):
    return {
        "jobs": r.randint(5, 7),
        "length": r.randint(300, 500),  # ms
        "hogs": r.randint(3, 5),
        "short": r.choice([3, 4, 5, 6]),  # ms
        "every": r.randint(83, 131),  # ms
        "key": r.choice([0.7, 1.1, 1.3]),  # ms
        "think": r.choice([33, 34, 43, 44, 53, 54]),  # ms, of no slice a multiple
        "editors": r.randint(2, 3),
        "chance": r.randint(1, 10**6),
    }


# ---- the workloads ---------------------------------------------------------

def works(t):
    """{name: a workload file}."""
    return {
        "throughput": f"""# Jobs that only run, of different lengths.
task job x{t['jobs']} every 7ms
  run {t['length']}ms
task longer
  run {t['length'] * 2}ms
""",
        "response": f"""# Short jobs come while hogs run.
limit 5s
task hog x{t['hogs']}
  forever
    run 1s
  end
task short x24 at 301.3ms every {t['every']}ms
  run {t['short']}ms
""",
        "fairness": f"""# Hogs, one that comes later, and one that games: it
# naps just before its slice would end.
limit 8s
task hog x{t['hogs']}
  forever
    run 1s
  end
task late at {t['every']}.7ms
  forever
    run 1s
  end
task gamer
  forever
    run 9.3ms
    sleep 0.2ms
  end
""",
        "latency": f"""# Editors, a millisecond or so a key, beside hogs.
limit 6s
task editor x{t['editors']} at 17.3ms every 5.9ms
  forever
    run {t['key']}ms
    sleep {t['think']}ms
  end
task hog x{t['hogs']}
  forever
    run 1s
  end
""",
    }


# ---- what came of them -----------------------------------------------------

class Task:
    def __init__(self, words):
        self.name = words[0].split(".")[0]
        self.start, self.first, self.end, self.ran, self.waited = [
            None if w == "-" else float(w) / 1000 for w in words[1:6]]
        self.switches = int(words[6])
        self.pieces = []  # (begin, end), ms


def played(out):
    """{name: Task} of what the simulator printed with --trace."""
    tasks = {w[1]: Task(w[1:]) for w in map(str.split, out.splitlines())
             if w and w[0] == "task"}
    for w in map(str.split, out.splitlines()):
        if w and w[0] == "ran":
            tasks[w[4]].pieces.append((float(w[1]) / 1000, float(w[2]) / 1000))
    return tasks


def throughput(t, tasks):
    """Percent of the time that goes to switches."""
    span = max(k.end or 60000 for k in tasks.values())
    return 100 * SWITCH * sum(k.switches for k in tasks.values()) / span


def response(t, tasks):
    """Mean response of the short jobs, ms."""
    short = [k for k in tasks.values() if k.name == "short"]
    return sum((5000 if k.first is None else k.first) - k.start
               for k in short) / len(short)


def fairness(t, tasks):
    """Percent that the luckiest has more than its share, once all are there."""
    begin = t["every"] + 500
    got = [sum(max(0, e - max(b, begin)) for b, e in k.pieces)
           for k in tasks.values()]
    return 100 * (max(got) * len(got) / (sum(got) or 1) - 1)


def waits(t, task, limit=6000):
    """How long an editor waited after each key, ms."""
    waited, woke, left = [], task.start, t["key"]
    for begin, end in task.pieces:
        if left == t["key"]:
            waited.append(begin - woke)
        while end - begin > left - 1e-6:
            begin += left
            left = t["key"]
            woke = begin + t["think"]
            if end - begin < 1e-6:
                break
            return waited  # it never ran on over a sleep
        else:
            left -= end - begin
    # One that waits at the end, or has had no turn, has waited until then.
    return waited + ([limit - woke] if woke < limit and left == t["key"]
                     else [])


def latency(t, tasks):
    """Mean of the worst tenth of the editors' waits, ms."""
    all_waits = sorted(w for k in tasks.values() if k.name == "editor"
                       for w in waits(t, k))
    worst = all_waits[-max(1, len(all_waits) // 10):]
    return sum(worst) / len(worst)


# What is measured, its unit, and how much worse than another is near it.
MEASURES = {
    "throughput": (throughput, "%", 0.30),
    "response": (response, "ms", 1.0),
    "fairness": (fairness, "%", 3.0),
    "latency": (latency, "ms", 1.5),
}
POINTS = {  # near rr or better, near the best
    "throughput": (5, 5), "response": (10, 15), "fairness": (10, 15),
    "latency": (10, 15),
}


def measure(t, play):
    """{measure: value}; play(name, text) gives the simulator's output."""
    return {name: MEASURES[name][0](t, played(play(name, text)))
            for name, text in works(t).items()}


def points(values, rr, best):
    """Of such values, beside those of rr and the best."""
    return sum(POINTS[n][0] * (v <= rr[n] + MEASURES[n][2]) +
               POINTS[n][1] * (v <= best[n] + MEASURES[n][2])
               for n, v in values.items())


def best_of(rows):
    return {n: min(row[n] for row in rows) for n in MEASURES}


# ---- items -----------------------------------------------------------------

def of(g, policy):
    """The measures of a policy."""
    def play(name, words):
        path = f"{g.tree}/build/own-{g.seed}-{name}.work"
        if not os.path.exists(path):
            with open(path, "w") as f:
                f.write(words)
        run = g.sim("--work", path, "-p", policy, "--trace", "--chance",
                    g.term["chance"]).good()
        return run.out
    return measure(g.term, play)


def own(g):
    return of(g, "mine")


def shipped(g):
    return {p: of(g, p) for p in SHIPPED}


def shown(name, value):
    return f"{value:.2f} {MEASURES[name][1]}"


def near_rr(name):
    def run(g):
        got, rr = g.once(own)[name], g.once(shipped)["rr"][name]
        most = rr + MEASURES[name][2]
        if got > most:
            raise Lost(f"at most {shown(name, most)}; rr has {shown(name, rr)}",
                       shown(name, got))
        return f"{shown(name, got)}; rr has {shown(name, rr)}"
    return run


def near_best(name):
    def run(g):
        got, rows = g.once(own)[name], g.once(shipped)
        best = min(rows, key=lambda p: rows[p][name])
        most = rows[best][name] + MEASURES[name][2]
        if got > most:
            raise Lost(f"at most {shown(name, most)}; the best is {best} with "
                       f"{shown(name, rows[best][name])}", shown(name, got))
        return f"{shown(name, got)}; {best} has {shown(name, rows[best][name])}"
    return run


WHAT = {
    "throughput": "time that switches take, of jobs that only run",
    "response": "of short jobs that come while hogs run",
    "fairness": "what the luckiest of hogs and a gamer has too much",
    "latency": "of editors beside hogs",
}
for n, (least, more) in POINTS.items():
    lab.item(f"{n}-rr", least, f"{WHAT[n]}: near rr or better")(near_rr(n))
    lab.item(f"{n}-best", more, f"{WHAT[n]}: near the best")(near_best(n))


@lab.item("all-round", 10, "more points than any shipped policy has")
def all_round(g):
    rows = g.once(shipped)
    best = best_of(rows.values())
    had = {p: points(v, rows["rr"], best) for p, v in rows.items()}
    most = max(had, key=had.get)
    got = points(g.once(own), rows["rr"], best)
    if got <= had[most]:
        raise Lost(f"more than {had[most]} of 85, which {most} has", got)
    return f"{got} of 85; {most} has {had[most]}"


@lab.item("sound", 5, "the checker finds no broken promise of sched.h")
def sound(g):
    run = g.check("mine", part="contract")
    if run.failing:
        raise Lost("nothing that fails", run.failing[0])
    run.good()
    return "nothing that fails"
