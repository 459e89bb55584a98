"""sleep: wait queues, and a wake-up that is lost."""

import hashlib
import os
import re
import runpy
import shutil

from frame import Lab, Lost, Wrong, run

PIPE, WAIT, SYNC = "kernel/fs/pipe.c", "kernel/proc/wait.c", "kernel/proc/sync.c"
STEPS, ANSWERS = "docs/labs/sleep/steps.pml", "docs/labs/sleep/answers.txt"
MODEL = "tests/labs/sleep/pipe.pml"
BUILT = "build/host/lab/sleep"

# What a term may plant, and where, is in answer/secret.py, which no handout has.
# There the grader knows what is right only when it sees it.
SECRET = f"{os.path.dirname(os.path.abspath(__file__))}/answer/secret.py"
SCENES = ["READERS", "WRITERS", "CLOSE"]
KEYS = ["scene", "sleeps on", "woken by", "mistake in"]
DIGESTS = {
    1: ["1cd41c289bcd", "c8d9a0d098c1",
        "045b47cfaad3", "8ceba20c8b0c"],
    2: ["b2a6d0240622", "66ac6963f947",
        "5bb372b35a7a", "dfc9242b64f6"],
    3: ["c7bc39b227cb", "cc44270aa1ec",
        "94bc75e73149", "1ac868c28d7a"],
}


def secret(name):
    """What answer/secret.py calls so, or None."""
    if not os.path.exists(SECRET):
        return None
    return runpy.run_path(SECRET)[name]


def is_right(mistake, key, value):
    said = hashlib.sha256(f"{mistake} {key}: {value}".encode()).hexdigest()
    return said[:12] == DIGESTS[mistake][KEYS.index(key)]


lab = Lab(
    title="Wait queues, and a wake-up that is lost",
    files=[PIPE, WAIT, SYNC, STEPS, ANSWERS],
    kernels=[dict(sched="rr")],
    # The make-believe kernel of these tests has a mutex.
    leave_out=["tests/host/fs"],
    cuts=secret("CUTS") or [],
)


@lab.term
def term(r):
    mistake, lines = r.choice(list(DIGESTS)), r.randint(20, 40)
    planted = secret("planted")
    return {"mistake": mistake, "lines": lines,
            **(planted(mistake) if planted else {})}


@lab.reference
def reference(folder, term):
    """Model and answers depend on what was planted."""
    path = f"{folder}/{STEPS}"
    with open(path) as f:
        steps = f.read()
    with open(path, "w") as f:
        f.write(steps.replace("#define MISTAKE 1\n",
                              f"#define MISTAKE {term['mistake']}\n"))
    path = f"{folder}/{ANSWERS}"
    if not os.path.exists(path):
        with open(path, "w") as f:
            answer = secret("MISTAKES")[term["mistake"]]
            for key, value in list(zip(KEYS, answer))[1:]:
                f.write(f"{key}: {value}\n")


# ---- the pipe, and its mistake -----------------------------------------------

def boot(g):
    return g.boot(f"lab_sleep {g.term['lines']}", sched="rr",
                  params="slice=1ms", disk=True, cpu=40)


@lab.item("pipe", 15, "no sleep on a pipe lasts too long")
def pipe(g):
    for case in "two-readers", "two-writers", "at-the-end":
        g.expect("ok", boot(g).told(case), case)


@lab.item("found", 8, "who sleeps for ever, on what, and why")
def found(g):
    said = dict(re.findall(r"^([a-z ]+):[ \t]*(.*?)(?:\(\))?[ \t]*$",
                           g.read(ANSWERS), re.M))
    for key in KEYS[1:]:
        if not is_right(g.term["mistake"], key, said.get(key, "")):
            raise Lost(f"{key}: what the trace and the code of the handout show",
                       said.get(key) or "nothing")
    return "all three"


# ---- the model ------------------------------------------------------------------

# What leads out of the language: C in a model is run by the checker, and the
# preprocessor can make any word.
OUTSIDE = re.compile(
    r"\bc_\w+|##|\\|\?\?|%:|^[ \t]*#[ \t]*(?!define|if|else|endif|elif|undef)\w+"
    r"|\b(atomic|d_step|assert|locked|asleep|done|nwritten|nread|first_done|_nr_pr"
    r"|_pid|_last|init|proctype|active|run|never|ltl|trace|notrace|timeout)\b",
    re.M)


def steps_of(g):
    steps = g.read(STEPS)
    bare = re.sub(r"//.*|/\*.*?\*/|\"[^\"\n]*\"", " ", steps)
    bare = re.sub(r"^[ \t]*#.*\bdefined\b.*", " ", bare, flags=re.M)
    wrong = OUTSIDE.search(bare) or re.search(r"##|\\|\?\?|c_(code|expr|decl"
                                              r"|state|track)", steps)
    if wrong:
        raise Lost("steps made of what pipe.pml offers",
                   f"{wrong[0].strip()} in {STEPS}")


def verdict(g, flags):
    """What spin finds of the model with these flags."""
    steps_of(g)
    if shutil.which("spin") is None:
        raise Wrong("no spin found: make setup test-model")

    def start():
        pan = f"{BUILT}/model/{flags}/pan"
        g.make("-f", "tests/labs/sleep/explore.mk", pan)
        said = run.printed(g.work, [f"{g.tree}/{pan}", "-m50000"], 60,
                           g.log).out
        if "max search depth too small" in said:
            return "not complete"
        if re.search(r"errors: 0$", said, re.M):
            return "holds"
        why = re.search(r"^pan:1: (.*) \(at depth", said, re.M)
        return why[1] if why else "no verdict"
    return g.once(start, "model", flags)


LOST = "invalid end state"  # somebody sleeps for ever


def model(g, runs):
    for want, flags in runs:
        got = verdict(g, flags)
        if got != want:
            raise Lost(f"{MODEL} -D{flags.replace('+', ' -D')}: {want}", got)
    return f"{len(runs)} runs"


@lab.item("model-holds", 10, "in the model, nobody sleeps for ever")
def model_holds(g):
    return model(g, [("holds", s) for s in SCENES] +
                 [(LOST, "READERS+NO_LOCK"), (LOST, "READERS+WAKE_NONE")])


@lab.item("model-finds", 10, "with -DBUG, the model shows what was planted")
def model_finds(g):
    mistake = g.term["mistake"]
    return model(g, [(LOST if is_right(mistake, "scene", s) else "holds",
                      f"{s}+BUG") for s in SCENES])


# ---- the mutex, the semaphore and the condition variable ------------------------

KNOWN = re.compile(r"__tsan_\w+|_GLOBAL_OFFSET_TABLE_|acquire|release|"
                   r"try_acquire|holding|spin_init|wait_on|wait_until|wake_one|"
                   r"wake_all|waitq_init|mutex_\w+|running|proc_yield|panic")


def explorer(g, what, path):
    """The program of the explorer with the student's file."""
    def start():
        g.make("-f", "tests/labs/sleep/explore.mk", f"{BUILT}/{what}")
        with open(f"{g.tree}/{BUILT}/{what}.calls") as f:
            for name in re.findall(r"\bU (\S+)", f.read()):
                if not KNOWN.fullmatch(name):
                    raise Lost(f"a {path} that calls the kernel's wait queues"
                               " and locks", f"it calls {name}")
        bad = re.search(r"\basm\b|__asm|constructor|destructor|section|ifunc"
                        r"|weak|alias", g.read(path))
        if bad:
            raise Lost(f"a {path} of functions only", f"it holds {bad[0]}")
        return f"{g.tree}/{BUILT}/{what}"
    return g.once(start, "explorer", what)


def explore(g, what, path, *scenes):
    runs = 0
    for scene, stops in scenes:
        program = explorer(g, what, path)
        done = g.once(lambda: run.host(g.work, program, [scene, stops], 30,
                                       g.log), "explore", what, scene, stops)
        g.expect("ok", done.told(scene), scene)
        runs += int(done.told("runs"))
    return f"{runs} orders of steps"


@lab.item("mutex-excludes", 7, "one holds a mutex, in any order of steps")
def mutex_excludes(g):
    return explore(g, "mutex", WAIT, ("try", 0), ("two", 3), ("three", 2),
                   ("try-among", 2))


@lab.item("mutex-sleeps", 10, "who waits for a mutex sleeps, and is woken")
def mutex_sleeps(g):
    return explore(g, "mutex", WAIT, ("sleeps", 0))


@lab.item("mutex-in-use", 10, "files that several processes write at once")
def mutex_in_use(g):
    g.expect("ok", boot(g).told("one-file"))
    asleep = int(boot(g).told("asleep"))
    if asleep == 0:
        raise Lost("processes seen asleep on \"file\"", "none")
    return f"{asleep} times somebody was seen asleep on \"file\""


@lab.item("sema-counts", 8, "as many go down as went up")
def sema_counts(g):
    return explore(g, "sync", SYNC, ("sema-alone", 0), ("sema-sleeps", 0),
                   ("sema-count", 2), ("sema-again", 2))


@lab.item("sema-wakes", 7, "no up is lost")
def sema_wakes(g):
    return explore(g, "sync", SYNC, ("sema-wakes", 3))


@lab.item("cond-waits", 8, "a signal is not lost, and the mutex held again")
def cond_waits(g):
    return explore(g, "sync", SYNC, ("cond-signals", 3), ("cond-twice", 2))


@lab.item("cond-wakes", 7, "a signal wakes one, a broadcast all")
def cond_wakes(g):
    return explore(g, "sync", SYNC, ("cond-one", 0), ("cond-all", 2))
