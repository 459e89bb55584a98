"""build/host/sim, the simulator: docs/simulator.md.

ostep.txt beside this file holds what the simulators of OSTEP's homework answer
to job lists; the rest of what is expected follows from a model here, or from
the policy's promise.
"""

import fcntl
import functools
import os
import random
import re
import subprocess

import pytest
from conftest import MATRIX, ROOT, known, make

POLICIES = known("Policies")
BOOK = os.path.join(ROOT, "tests/system/ostep.txt")
MODES = {"shared": ["--group", "64"], "perhart": ["--perhart"]}


@functools.cache
def built(program):
    os.makedirs(f"{ROOT}/build", exist_ok=True)
    with open(f"{ROOT}/build/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make("-s", program)
    return f"{ROOT}/{program}"


def call(*words, program="build/host/sim", cwd=ROOT):
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run([built(program), *map(str, words)], cwd=cwd,
                          capture_output=True, text=True, timeout=300, env=env)


def sim(*words, **more):
    """Run it to a good end; its output."""
    done = call(*words, **more)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


# --- job lists of OSTEP's homework -------------------------------------------


class Answer:
    """Times of each job, and who ran for how long: "A5 -2 B1", - is idle."""

    def __init__(self, text):
        times = re.findall(r"^  Job +\d+ -- Response: (\S+)  Turnaround (\S+)"
                           r"  Wait (\S+)$", text, re.M)
        self.response, self.turnaround, self.wait = (
            [float(t[i]) for t in times] for i in range(3))
        self.average = [float(x) for x in re.search(
            r"^  Average -- Response: (\S+)  Turnaround (\S+)  Wait (\S+)$",
            text, re.M).groups()]
        self.order = "".join(re.findall(
            r"^(?:Order:|      )((?: [A-Z])+)$", text, re.M)).split()
        spans = []
        for at, job, n, idle in re.findall(
                r"\[ time +(\S+) \] (?:Run job +(\d+) for (\S+)|idle for (\S+))",
                text):
            assert float(at) == sum(n for _, n in spans)
            who = chr(ord("A") + int(job)) if job else "-"
            if spans and spans[-1][0] == who:
                spans[-1] = (who, spans[-1][1] + float(n))
            else:
                spans.append((who, float(n or idle)))
        self.spans = " ".join(f"{who}{n:g}" for who, n in spans)


def book():
    """(options, seed of the draws or None, response, turnaround, spans)"""
    rows = []
    with open(BOOK, encoding="ascii") as f:
        for line in f:
            if line.startswith("#"):
                continue
            words, response, turnaround, spans = line.strip().split(" | ")
            seed = re.search(r" seed=(\d+)", words)
            rows.append((re.sub(r" seed=\d+", "", words),
                         int(seed.group(1)) if seed else None,
                         [float(x) for x in response.split()],
                         [float(x) for x in turnaround.split()], spans))
    return rows


def draws(seed, n=1000):
    """What lottery.py draws from that seed, as it prints it."""
    r = random.Random(seed)
    return "".join(f"Random {int(r.random() * 1000001)}\n" for _ in range(n))


@pytest.mark.parametrize("words,seed,response,turnaround,spans", book(),
                         ids=[row[0] for row in book()])
def test_answers_of_the_book(words, seed, response, turnaround, spans,
                             tmp_path):
    words = words.split()
    if seed is not None:
        (tmp_path / "draws").write_text(draws(seed))
        words += ["--draws", str(tmp_path / "draws")]
    answer = Answer(sim(*words, "--check"))
    assert answer.spans == spans
    assert answer.response == response
    assert answer.turnaround == turnaround


def in_turn(jobs, quantum):
    """Round robin: (response, turnaround) of each."""
    waiting, now, times = list(enumerate(jobs)), 0, {}
    while waiting:
        job, left = waiting.pop(0)
        times.setdefault(job, [now])
        now += min(left, quantum)
        if left > quantum:
            waiting.append((job, left - quantum))
        else:
            times[job].append(now)
    return [times[i] for i in range(len(jobs))]


def one_by_one(jobs, key):
    now, times = 0, {}
    for job, run in sorted(enumerate(jobs), key=key):
        times[job] = [now, now + run]
        now += run
    return [times[i] for i in range(len(jobs))]


@pytest.mark.parametrize("policy,model", [
    ("FIFO", lambda jobs, q: one_by_one(jobs, lambda job: 0)),
    ("SJF", lambda jobs, q: one_by_one(jobs, lambda job: job[1])),
    ("RR", in_turn)])
def test_plain_policies_are_as_their_models(policy, model):
    rnd = random.Random(f"lists for {policy}")
    for _ in range(40):
        jobs = [rnd.randint(1, 50) for _ in range(rnd.randint(1, 9))]
        q = rnd.randint(1, 12)
        answer = Answer(sim("-p", policy, "-q", q, "-l",
                            ",".join(map(str, jobs))))
        times = list(zip(answer.response, answer.turnaround))
        assert times == [tuple(t) for t in model(jobs, q)], (jobs, q)
        assert answer.wait == [t - run for t, run in
                               zip(answer.turnaround, jobs)]


def test_averages():
    """The figures of OSTEP, chapter 7."""
    assert Answer(sim("-p", "FIFO", "-l", "100,10,10")).average[1] == 110
    assert Answer(sim("-p", "SJF", "-l", "100,10,10")).average[1] == 50
    turns = Answer(sim("-p", "RR", "-l", "5,5,5", "-q", 1))
    assert turns.average[:2] == [1, 14]


def test_stride_of_the_book():
    """OSTEP, chapter 9: 100, 50 and 250 tickets."""
    answer = Answer(sim("-p", "stride", "-l", "90:100,90:50,90:250"))
    assert answer.order[:8] == list("ABCCCACC")


def test_lottery_without_draws_goes_by_tickets():
    answer = Answer(sim("-l", "4000:100,4000:300", "--seed", 5))
    at = answer.turnaround[1]                   # B ends first
    won = sum(float(s[1:]) for s in answer.spans.split()
              if s[0] == "A") - (8000 - at)     # by A until then
    n = at
    assert abs(won - n / 4) < 5 * (n * 3 / 16) ** 0.5


def test_parts_of_a_unit():
    answer = Answer(sim("-p", "RR", "-l", "0.5,2.25", "-q", 1))
    assert answer.spans == "A0.5 B2.25"
    assert answer.turnaround == [0.5, 2.75]


@pytest.mark.parametrize("words,what", [
    ("", "nothing to do"),
    ("-l", "-l needs a value"),
    ("-l 5,x", "does not begin with a number"),
    ("-l 5,,5", "does not begin with a number"),
    ("-l 5;5", "not a list of RUN,RUN,..."),
    ("-l 0,5", "runs for no time"),
    ("-l 0,200:0,20,1", "not a list of START,RUN,IO:START,RUN,IO:..."),
    ("-l 10:0,10:1", "not a number from 1"),
    ("-l 10:5:3", "not a list of RUN:TICKETS,RUN:TICKETS,..."),
    ("-p LIFO -l 5", "no policy LIFO; known: FIFO SJF RR"),
    ("-p RR -l 5 -q 0", "slice=0ms: out of range"),
    ("-p RR -l 5 -q fast", "-q: \"fast\" does not begin with a number"),
    ("-p RR -l 5 -q 5x", "-q: \"5x\" is not a number"),
    ("-p RR -l 5 -n 3", "are for mlfq, not for rr"),
    ("-p RR -l 5 -i 3", "-i is for jobs with I/O"),
    ("-p fifo -l 5:100", "fifo takes no 100 tickets"),
    ("-l 0,9,0:0,9,0 -n 0", "levels=0: out of range"),
    ("-l 0,9,0:0,9,0 -B x", "-B: \"x\" does not begin with a number"),
    ("-l 5:1 --draws /none", "cannot read /none"),
    ("-l 5 --colour", "no option --colour"),
    ("-l 5 -z", "no option -z"),
    ("-l 5 --params slice=1ms", "fifo has no parameters"),
    ("-l 5 --work x", "one of -l, --work and --scale"),
    ("-l 5 --harts 0", "--harts"),
    ("-l 5 --perhart --group 2", "--perhart is --group 1"),
    ("--work /none/x.work", "cannot read /none/x.work"),
])
def test_bad_options(words, what):
    done = call(*words.split())
    assert done.returncode == 2, done
    assert what in done.stderr.split("usage:")[0], done.stderr
    assert "usage: sim" in done.stderr
    assert done.stdout == ""


def examples():
    """Each command of the chapter, and the lines below it."""
    with open(f"{ROOT}/docs/simulator.md", encoding="utf-8") as f:
        text = f.read()
    return re.findall(r"^    \$ (build/host/sim .*)\n((?:    [^$].*\n|\n)+)",
                      text, re.M)


@pytest.mark.parametrize("command,shown", examples(),
                         ids=[command for command, _ in examples()])
def test_examples_of_the_chapter(command, shown):
    shown = re.sub("^    ", "", shown, flags=re.M).strip()
    pattern = re.escape(shown).replace(r"\.\.\.", "[^$]*?")
    got = sim(*command.split()[1:]).strip()
    assert re.fullmatch(pattern, got), got


def test_there_are_examples():
    assert len(examples()) >= 3


# --- workloads ---------------------------------------------------------------


def work_files():
    folder = os.path.join(ROOT, "sched/sim/work")
    return sorted(f"{folder}/{f}" for f in os.listdir(folder))


def test_a_workload(tmp_path):
    """Messages, a fork, a wait and a yield, under round robin."""
    (tmp_path / "w.work").write_text("""
task parent
  run 3ms
  fork child
  run 1ms
  wait child
  run 2ms
  send box x2
task child x2
  run 5ms
  yield
  run 1ms
  sleep 4ms
  run 1ms
task reader x2 at 1ms
  recv box
  run 1ms
""")
    got = sim("--work", "w.work", "-p", "rr", "--trace", cwd=tmp_path)
    assert got == """\
# w.work under rr, harts: 1, queues: 1
ran 0.000 4000.000 0 parent
ran 4000.000 9000.000 0 child.1
ran 9000.000 14000.000 0 child.2
ran 14000.000 15000.000 0 child.1
ran 15000.000 16000.000 0 child.2
ran 19000.000 20000.000 0 child.1
ran 20000.000 21000.000 0 child.2
ran 21000.000 23000.000 0 parent
ran 23000.000 24000.000 0 reader.1
ran 24000.000 25000.000 0 reader.2
task parent 0.000 0.000 23000.000 6000.000 0.000 2
task reader.1 1000.000 23000.000 24000.000 1000.000 3000.000 2
task reader.2 1000.000 24000.000 25000.000 1000.000 4000.000 2
task child.1 3000.000 4000.000 20000.000 7000.000 6000.000 3
task child.2 3000.000 9000.000 21000.000 7000.000 7000.000 3
"""


SHAPES = [[], ["--harts", 4], ["--harts", 4, "--perhart"],
          ["--harts", 6, "--group", 2]]
# One hart, or as many as one queue has; and one of the others.
SAMPLE = [(p, s) for i, p in enumerate(POLICIES)
          for s in (SHAPES[i % 2], SHAPES[2 + i // 2 % 2])]


@pytest.mark.parametrize(
    "policy,shape", [(p, s) for p in POLICIES for s in SHAPES] if MATRIX
    else SAMPLE, ids=lambda x: x if isinstance(x, str) else
    "".join(map(str, x)) or "1")
def test_workloads_keep_promises(policy, shape):
    """The core and the policy check themselves after each event; no task runs
    on two harts at once, and no hart runs two."""
    for file in work_files():
        out = sim("--work", file, "-p", policy, "--check", "--trace", *shape,
                  program="build/host/test/sim")
        busy = {}
        for line in re.findall(r"^ran (\S+) (\S+) (\d+) (\S+)$", out, re.M):
            begin, end = float(line[0]), float(line[1])
            for what in (f"hart {line[2]}", line[3]):
                assert begin >= busy.get(what, 0), line
                busy[what] = end
        assert busy, out


def test_a_bad_workload_is_named(tmp_path):
    (tmp_path / "bad.work").write_text("task a\n  run 10\n")
    done = call("--work", tmp_path / "bad.work")
    assert done.returncode == 2
    assert "bad.work:2: " in done.stderr


# --- many harts --------------------------------------------------------------


def rows(*words, **more):
    """The rows of a table: harts, queues, tasks, Jain, spread, p50, p99, max,
    moves, idle, wakes, and the time that it took."""
    text = sim("--scale", *words, **more)
    return [[float(x.rstrip("%")) for x in line.replace("|", " ").split()]
            for line in re.findall(r"^ *\d+ +\d+ +\d+ \|.*$", text, re.M)]


# What hogs of one weight get may differ by so much (least Jain index), where
# harts share a queue and where each has its own.
FAIR = {"rr": (0.99, 0.9), "lottery": (0.95, 0.9), "stride": (0.99, 0.97),
        "eevdf": (0.99, 0.97)}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("policy", POLICIES)
def test_64_harts_and_10000_tasks(policy, mode):
    words = ["-p", policy, "--harts", 64, "--tasks", 157, "--span", "5s",
             *MODES[mode]]
    row, = rows(*words)
    harts, queues, tasks, jain = row[:4]
    assert (harts, queues) == (64, 1 if mode == "shared" else 64)
    assert tasks > 10000
    assert row[9] < 0.5, "harts idle, and work is there"
    if policy in FAIR:
        assert jain >= FAIR[policy][mode == "perhart"]
    assert row[:-1] == rows(*words)[0][:-1], "it does not repeat"


@pytest.mark.parametrize("mode", MODES)
def test_1000_harts(mode):
    row, = rows("-p", "rr", "--harts", 1000, "--tasks", 20, "--span", "1s",
                *MODES[mode])
    assert row[:3] == [1000, 16 if mode == "shared" else 1000, 20000]
    assert row[5] <= row[6] <= row[7]


@pytest.mark.parametrize("policy", POLICIES)
def test_scale_keeps_promises(policy):
    """Few harts, checked after each event."""
    for words in (["--harts", 8], ["--harts", 8, "--perhart"],
                  ["--harts", 70, "--group", 10], ["--harts", 70, "--perhart"]):
        assert rows("-p", policy, "--tasks", 25, "--span", "0.3s", "--check",
                    *words, program="build/host/test/sim")
