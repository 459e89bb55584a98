"""make new, make check, make why: a policy on the host, without a kernel.

A skeleton that make new has written is sound; mistakes that are planted in
it, or in a policy of the tree, are found, named, and shown by the shortest
sequence of events.
"""

import re

import pytest
from conftest import ROOT, copy_tree, known, make

RULES = "Rule 1 ok, Rule 2 ok, Rule 4 ok, Rule 5 ok"

pytestmark = pytest.mark.xdist_group("check")  # one tree, made once


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the sources, for policies of our own."""
    return copy_tree(tmp_path_factory.mktemp("check") / "peach")


@pytest.fixture
def skeleton(tree):
    """What make new has written; gone after the test."""
    make("new", "SCHED=mine", cwd=tree)
    file = tree / "sched/mine.c"
    yield file
    file.unlink()


def edit(file, *changes):
    """Replace each old text, which must be there once, by the new one."""
    text = file.read_text()
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    file.write_text(text)


def check(tree, *words, goal="check"):
    """Status and output, with each blank made one."""
    done = make("-s", goal, "SCHED=mine", *words, cwd=tree, check=False)
    return done.returncode, re.sub(r"\s+", " ", done.stdout)


def why(tree):
    return make("-s", "why", "SCHED=mine", cwd=tree).stdout


# ---- make new ---------------------------------------------------------------


def test_a_new_policy_is_sound(tree, skeleton):
    status, text = check(tree)
    assert status == 0, text
    assert text.startswith("contract ok, arrival ok, exhaustive ok"), text
    assert "nothing fails" in why(tree)
    make("WERROR=1", "SCHED=mine", "kernel", cwd=tree)


@pytest.mark.parametrize("name", ["rr", "core", "queue", "9lives", "a b",
                                  "../x", "int", "task", "it's", "a$(x",
                                  "sixteen_letters_", ""])
def test_names_that_cannot_be(tree, name):
    before = sorted(p.name for p in tree.glob("sched/*"))
    done = make("new", f"SCHED={name}", cwd=tree, check=False)
    assert done.returncode != 0 and "make new: " in done.stdout, done.stdout
    assert sorted(p.name for p in tree.glob("sched/*")) == before


def test_new_needs_a_name_and_overwrites_nothing(tree, skeleton):
    done = make("new", cwd=tree, check=False, SCHED="")
    assert done.returncode != 0 and "make new SCHED=mine" in done.stdout
    skeleton.write_text("precious\n")
    done = make("new", "SCHED=mine", cwd=tree, check=False)
    assert done.returncode != 0 and "sched/mine.c already" in done.stdout
    assert skeleton.read_text() == "precious\n"


# ---- what is shipped --------------------------------------------------------


@pytest.mark.parametrize("name", known("Policies"))
def test_shipped_policies_are_sound(name):
    done = make("-s", "check", f"SCHED={name}")
    assert re.match(r"contract ok,", done.stdout), done.stdout
    assert "fails" not in done.stdout and "unknown" not in done.stdout
    states = re.search(r"^  exhaustive  (\d+) states in all", done.stdout, re.M)
    assert states and int(states[1]) > 100000, done.stdout
    seconds = re.search(r"^  0 of \d+ fail, ([\d.]+) s$", done.stdout, re.M)
    assert seconds and float(seconds[1]) < 60, done.stdout  # the host is busy


def test_levels_are_judged():
    assert RULES in make("-s", "check", "SCHED=mlfq").stdout


def test_a_million_states():
    text = make("-s", "check", "SCHED=fifo", "DEPTH=14").stdout
    states = re.search(r"^  exhaustive  (\d+) states in all$", text, re.M)
    assert int(states[1]) > 1000000, text
    assert "states, to depth 14\n" in text


def test_depth_and_parameters(tree):
    text = make("-s", "check", "SCHED=mlfq", "DEPTH=3", "PARAMS=levels=2").stdout
    assert len(re.findall("states, to depth 3$", text, re.M)) == 3, text
    done = make("-s", "check", "SCHED=mlfq", "PARAMS=levels=17", check=False)
    assert done.returncode != 0 and "levels=17" in done.stdout


# ---- planted mistakes in the skeleton ---------------------------------------

PUT = "  queue_put(queue(rq), t);"
GET = "  struct task *t = queue_get(queue(rq), hart);\n"

MISTAKES = {
    "lost on yield": (
        [(PUT, "  if (why != READY_YIELD)\n  " + PUT)],
        "contract fails: after: A created, A yields: A waits, and pick() "
        "returns 0: A is lost, or passed over; hook ready() (4)"),
    "queued twice": (
        [(PUT, PUT + "\n  if (why == READY_WAKE)\n  " + PUT)],
        "contract fails: after: A created, A blocks, A wakes: A is queued "
        "twice; hook ready() (3)"),
    "left on the queue": (
        [(GET, GET.replace("queue_get", "queue_find"))],
        "contract fails: after: A created: A is running, and is queued as "
        "well; hook pick() (3)"),
    "no slice": (
        [("t->slice = NSEC_NEVER", "t->slice = 0")],
        "contract fails: after: A created: A gets no slice; hook pick() (5)"),
    "floating point": (
        [("  if (t)\n    t->slice", "  if (t && (double)now >= 0)\n    t->slice")],
        "computes with float or double, which the kernel does not have; count "
        "in whole numbers, small units (1)"),
    "a fraction": (
        [(PUT, "  t->slice = now * 1.5;\n" + PUT)],
        "computes with float or double"),
    "a promise of no attribute": (
        [('"arrival"', '"priority"')],
        'it promises "priority", and has no attribute of that name'),
    "static data": (
        [(PUT, "  static int count;\n\n  count++;\n" + PUT)],
        "is static data that can change; put it into the run queue or the "
        "task, or make it const (1)"),
    "another header": (
        [('#include "sched/queue.h"',
          '#include <stdio.h>\n#include "sched/queue.h"'),
         (PUT, '  printf("it says %d\\n", t->id);\n' + PUT)],
        "contract fails: it includes stdio.h;"),
    "a call into the kernel": (
        [(PUT, "  void panic(const char *s);\n\n  if (nsec_is_odd)\n"
               "    panic(\"odd\");\n" + PUT),
         ("static struct queue *\n", "#define nsec_is_odd (now & 1)\n\n"
                                     "static struct queue *\n")],
        "contract fails: it uses panic, which is not its own (1)"),
    "endless loop": (
        [("    t->slice = NSEC_NEVER;",
          "    for (t->slice = 1; why_not(t);)\n      ;"),
         ("static struct queue *\n",
          "#define why_not(t) ((t)->harts != 0)\n\nstatic struct queue *\n")],
        "contract fails: after: A created: does not come back; hook pick()"),
    "null pointer": (
        [("  if (t)\n    t->slice", "  t->slice")],
        "follows a null pointer, or one to a task that has ended; hook pick()"),
    "size forgotten": (
        [("  .runq_size = sizeof(struct mine),\n", "")],
        "touches memory behind the end of the run queue: is .runq_size right?"),
    "pins not looked at": (
        [(GET, "  struct task *t = queue(rq)->head;\n\n  if (t)\n"
               "    queue_remove(queue(rq), t);\n")],
        "contract fails: after: A created, A may run on hart 1 only: pick() "
        "returned a task that may not run on the hart: A; hook pick() (4)"),
    "last in, first out": (
        [(PUT, "  queue_push(queue(rq), t);")],
        "arrival fails: after: A created, B created, A yields: A runs before "
        "B, which became ready earlier; hook pick()"),
    "the core's field": (
        [("t->slice = NSEC_NEVER;", "t->slice = NSEC_NEVER, t->since = 0;")],
        "contract fails: after: A created: writes t->since, which is the "
        "core's; hook pick() (8)"),
    "a pointer kept too long": (
        [("  struct queue q;", "  struct task *last;\n  struct queue q;"),
         (GET, GET + "  struct mine *m = (struct mine *)rq;\n\n"
                     "  if (m->last && m->last->next)\n"
                     "    m->last->slice = 1;\n  m->last = t;\n")],
        "contract fails: after: A created, A exits: writes to the memory of "
        "A, which has ended; hook pick() (8)"),
    "the 13th yield": (
        [("  struct queue q;", "  int n;\n  struct queue q;"),
         (PUT, "  if (why == READY_YIELD && ++((struct mine *)rq)->n == 13)\n"
               "    return;\n" + PUT)],
        "contract fails: after: A created" + ", A yields" * 13 +
        ": A waits, and pick() returns 0: A is lost"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake(tree, skeleton, mistake):
    changes, said = MISTAKES[mistake]
    edit(skeleton, *changes)
    status, text = check(tree)
    assert status != 0 and said in text, text


def test_what_does_not_compile(tree, skeleton):
    edit(skeleton, (PUT, "  queue_put(queue(rq) t);"))
    status, text = check(tree)
    assert status != 0 and "sched/mine.c does not compile" in text, text
    skeleton.write_text("int x;\n")
    status, text = check(tree)
    assert status != 0 and "defines no mine_policy" in text, text


def test_a_name_that_no_policy_has(tree):
    done = make("check", "SCHED=nonesuch", cwd=tree, check=False)
    assert done.returncode != 0 and "known: " in done.stdout, done.stdout


# ---- planted mistakes in mlfq and rr ----------------------------------------


@pytest.fixture
def copy_of(tree):
    """A function: sched/mine.c is a copy of that policy, with changes."""
    file = tree / "sched/mine.c"

    def copy(name, *changes):
        text = (tree / f"sched/{name}.c").read_text()
        file.write_text(re.sub(rf"\b{name}(?!\.c)", "mine", text))
        edit(file, *changes)

    yield copy
    file.unlink()


def test_a_copy_is_as_sound(tree, copy_of):
    copy_of("mlfq")
    status, text = check(tree)
    assert status == 0 and RULES in text, text


def test_who_never_sinks_breaks_rule_4(tree, copy_of):
    copy_of("mlfq", ("  m->used += ran;\n", ""))
    status, text = check(tree)
    assert status != 0 and "contract ok, " in text, text
    assert ("Rule 4 fails: after: A created, B created, A's slice ends: A has "
            "run for 10 ms, all that it may on level 0, and is on level 0"
            ) in text, text
    drawn = why(tree)
    assert re.search(r"^A +RUNS +RUNS +waits\nB +\. +waits +RUNS\nms +0 +0 +10$",
                     drawn, re.M), drawn
    assert "Rule 4 fails: A has run for 10 ms" in drawn, drawn


def test_who_is_never_boosted_breaks_rule_5(tree, copy_of):
    copy_of("mlfq", ("  levels_enter(rq, now);\n",
                     "  rq->alarm = now + rq->param[BOOST];\n  return;\n"))
    status, text = check(tree)
    assert status != 0 and "Rule 5 fails: after: A created" in text, text


def test_who_waits_too_long(tree, copy_of):
    copy_of("rr", (PUT, "  if (why == READY_SLICE)\n    queue_push(queue(rq), t);"
                        "\n  else\n  " + PUT))
    status, text = check(tree)
    assert status != 0, text
    assert ("wait fails: after: A created, B created, A's slice ends, 2.5 ms "
            "pass: B has waited for 12.5 ms") in text, text


def test_who_does_not_inherit(tree, copy_of):
    copy_of("lottery", ("tickets_init(t, parent,", "tickets_init(t, 0,"))
    status, text = check(tree)
    assert status != 0, text
    assert ("inherit fails: after: A created, A gets tickets 1, A forks B: B "
            'is a child of A, whose "tickets" is 1, and has 100') in text, text


# ---- planted mistakes in the policy of docs/scheduler.md --------------------

PUSH = "return level(t) < level(cur);"
PRIORITY = {
    "pushes nobody out": (PUSH, "return false;"),
    "much better is not enough":
        (PUSH, "return level(t) + 40 < level(cur);"),
}
# These break what the core keeps by preempts() as well, which is told first.
AGAINST_ITSELF = {
    "pushes out the better": (PUSH, "return level(t) > level(cur);"),
    "a better one stays":
        ("    t->slice = 0;               // it may have to make way\n",
         "    t->slice += 0;\n"),
    "the worst first":
        ("queue(rq, bits_first(map)), hart)",
         "queue(rq, bits_last(map)), hart)"),
}


@pytest.fixture
def worked(tree):
    """The policy of the chapter, as sched/mine.c; gone after the test."""
    with open(f"{ROOT}/docs/scheduler.md", encoding="utf-8") as f:
        text = re.search(r"^```c\n(// urgent\.c.*?)^```$", f.read(), re.M | re.S)
    file = tree / "sched/mine.c"
    file.write_text(re.sub(r"\burgent", "mine", text[1]))
    yield file
    file.unlink()


def test_the_worked_policy_is_sound(tree, worked):
    status, text = check(tree)
    assert status == 0 and "contract ok, inherit ok, priority ok" in text, text


@pytest.mark.parametrize("mistake", PRIORITY)
def test_priorities_are_judged(tree, worked, mistake):
    edit(worked, PRIORITY[mistake])
    status, text = check(tree)
    assert status != 0 and "priority fails: after: A created" in text, text
    assert re.search(r"\w, of priority \d+, waits while \w runs, of priority",
                     text), text


@pytest.mark.parametrize("mistake", AGAINST_ITSELF)
def test_priorities_against_themselves(tree, worked, mistake):
    edit(worked, AGAINST_ITSELF[mistake])
    status, text = check(tree)
    assert status != 0 and "contract fails: after: A created" in text, text
    assert "waits while" in text, text
