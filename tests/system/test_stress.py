"""A minute of `make test-stress`, and that t_stress notices what it is for."""

import re

import pytest
from conftest import MATRIX, ROOT, Ended, copy_tree, make, run_in

pytestmark = pytest.mark.xdist_group("stress")  # one tree, made once


def test_stress():
    done = make("test-stress", "TIME=60", "CALLS=200000", timeout=1200)
    assert "stress: ok, 60 seconds and 200000 calls" in done.stdout
    modes = re.findall(r"^== SCHED=(\w+) RUNQ=(\w+) DEBUG=1 CPUS=4: t_stress",
                       done.stdout, re.M)
    assert len({s for s, _ in modes}) > 1 and \
        {q for _, q in modes} == {"shared", "perhart"}, done.stdout
    assert done.stdout.count("t_stress: ok") == len(modes)
    made = re.findall(r"t_fuzz: seed \d+, (\d+) calls", done.stdout)
    assert sum(map(int, made)) >= 200000, done.stdout


# What is broken, and how: (file, old text, new text, what must be said)
MISTAKES = {
    # The sleeper is on the wait queue, but not yet blocked, when it lets the
    # object's lock go (DROP_OBJECT_FIRST of tests/model/switch.pml).
    "wake-up": (
        "kernel/proc/dispatch.c",
        "  sched_block(q->rq, &p->task, now);\n  spin_drop(lock);\n",
        "  spin_drop(&q->lock);\n  spin_drop(lock);\n"
        "  for (volatile int i = 0; i < 500; i++)\n    ;\n"
        "  spin_take(&q->lock);\n"
        "  sched_block(q->rq, &p->task, now);\n",
        r"workers do not end|broke promise|panic"),
    # A page is lost with every eighth pipe: more than the test lets pass on a
    # slow host, less than all there are on a fast one.
    "memory": (
        "kernel/fs/pipe.c",
        "      page_free(p->page[i]);\n",
        "      static unsigned int all;\n"
        "      if (++all % 8 != 0)\n        page_free(p->page[i]);\n",
        r"t_stress: processes: .*free: "),
    # A byte is wrong now and then.
    "byte": (
        "kernel/fs/pipe.c",
        "    p->head += len;\n    uva += len;\n",
        "    if (p->head % 9973 == 7)\n"
        "      (*page_at(p, p->head))[p->head % PGSIZE] ^= 1;\n"
        "    p->head += len;\n    uva += len;\n",
        r"a wrong byte came at"),
    # An exit status is another's.
    "status": (
        "kernel/proc/life.c",
        "  p->status = status;\n",
        "  p->status = status + (p->pid % 100 == 99);\n",
        r"the status of a child"),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return copy_tree(tmp_path_factory.mktemp("tree") / "peach")


@pytest.mark.parametrize("mistake",
                         MISTAKES if MATRIX else ["wake-up"])
def test_mistake_is_found(mistake, tree):
    path, old, new, says = MISTAKES[mistake]
    text = (tree / path).read_text()
    assert text.count(old) == 1, path
    (tree / path).write_text(text.replace(old, new))
    try:
        done = Ended(run_in(tree, "CPUS=2", "CMD=t_stress 20 1 8 20"))
    finally:
        (tree / path).write_text(text)
    assert done.status == 2 and "t_stress: ok" not in done.out, str(done)
    assert re.search(says, done.all), str(done)
