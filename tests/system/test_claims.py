"""The table of claims: each row says where it is from, those that have to fail
under a policy do, and docs/claims.md lists them all. That the seven policies
hold what they promise is in test_matrix.py."""

import functools
import re

import pytest
from conftest import ROOT, copy_tree, guest, known, run_in

pytestmark = pytest.mark.xdist_group("claims")  # one tree, made once

SCHEDS = known("Policies")
ROW = re.compile(r"^([a-z][\w-]*) +(\w+) +([-x ])([L ]) (.{13}) (\S.*)$", re.M)
# Rows that nothing which is promised elsewhere contradicts, so that no -x shows
# them to fail; test_broken does for some.
NEVER_X = set("""sink yielder napper forker window bottom boost asleep renewed
gaming across bottom-all equal-all windows fair-1 fair-10 change child slice
shares-all credit wake-1 wake-4 wake-16 wake-64 periodic groups starve adds-up
conserved keep""".split())


@functools.cache
def rows(sched):
    """Name: set, mark, long, source, claim."""
    text = guest("schedtest -l", sched=sched, DET=1).ok().out
    return {m[0]: (m[1], m[2], m[3] == "L", m[4].strip(), m[5])
            for m in ROW.findall(text) if m[0] != "row"}


@functools.cache
def must_fail(sched):
    """The output of schedtest -x, and the names of its rows that failed."""
    done = guest("schedtest -x", sched=sched, DET=1, LIMIT=300)
    return done, re.findall(r"^(\S+) .* fails ", done.out, re.M)


def test_every_row_has_a_source():
    found = rows("rr")
    assert len(found) > 45, found
    for name, (_, _, _, source, claim) in found.items():
        assert re.match(r"OSTEP \d+|OSDI'94|TM-528|TR-95-22|Linux|hackbench|"
                        r"sched\.h|sched/\w+\.c", source), (name, source)
        assert claim, name


@pytest.mark.parametrize("sched", SCHEDS)
def test_rows_that_must_fail(sched):
    done, failed = must_fail(sched)
    expected = [n for n, row in rows(sched).items() if row[1] == "x"]
    assert done.status == 0 and failed == expected, str(done)
    assert failed, str(done)


def test_every_other_row_was_seen_to_fail():
    """Under one policy or another."""
    seen = set().union(*(must_fail(s)[1] for s in SCHEDS))
    assert set(rows("rr")) - seen == NEVER_X


def test_tickets_fail_under_equal_shares():
    assert {"shares", "draws", "error", "nice-5", "convoy"} <= set(
        must_fail("rr")[1])


def test_without_compensation():
    """A lottery that is told to do without promises none, and has 1 to 5."""
    done = guest("schedtest part-lot", sched="lottery", DET=1,
                 PARAMS="compensate=0").ok()
    assert re.search(r"^part-lot +\S+ % .* ok ", done.out, re.M), str(done)


def test_x_fails_where_a_row_holds():
    """Parameters that make equal shares go by nobody's turn: jobs that end
    within their slice are done in the order of arrival."""
    done = guest("schedtest -x arrival fifo", sched="rr", DET=1,
                 PARAMS="slice=1s")
    assert done.status == 1 and len(re.findall(" HOLDS ", done.out)) == 2, \
        str(done)


def test_x_takes_no_row_that_is_promised():
    done = guest("schedtest -x equal", sched="rr", DET=1)
    assert done.status == 2 and "makes" in done.all, str(done)


def test_long_rows_without_det():
    """They are left out, and it says so."""
    done = guest("sh -c 'schedtest rr-turn; schedtest'", LIMIT=300).ok()
    assert re.search(r"^rr-turn .* DET=1 only$", done.out, re.M), str(done)
    assert re.search(r"^\d+ rows were left out: .*DET=1", done.out, re.M)
    assert len(re.findall("^rr-turn ", done.out, re.M)) == 1


def test_docs_list_the_rows():
    text = open(f"{ROOT}/docs/claims.md", encoding="utf-8").read()
    text = text[:text.index("## What was measured")]
    listed = re.findall(r"^\| `([\w-]+)` \| ([^|]*?) \|", text, re.M)
    assert dict(listed) == {n: row[3] for n, row in rows("rr").items()}


# ---- policies that break what they promise ----------------------------------

# What is broken, the policy, the old and the new text, rows that must see it.
BROKEN = {
    "a sleep renews the allotment":
        ("mlfq", "  m->rest = why == READY_PREEMPT ? t->slice : 0;\n",
         "  m->rest = why == READY_PREEMPT ? t->slice : 0;\n"
         "  if (why == READY_WAKE)\n    m->used = 0;\n",
         {"napper", "gaming"}),
    "a ticket too many":
        ("lottery", "draw_weight(tickets_all(t, MOST),",
         "draw_weight(tickets_all(t, MOST) + 1,",
         {"draws", "ratios", "error-1024"}),
    "a loan does not count in draws":
        ("lottery", "draw_weight(tickets_all(t, MOST),",
         "draw_weight(tickets_of(t)->own,", {"transfer"}),
    "no compensation":
        ("lottery", "task(t)->part = draw_part(rq->param[SLICE], t->slice);",
         "task(t)->part = 0;", {"part"}),
    "sleep forgives lag":
        ("eevdf", "  e->lag = lag > most ? most : lag < -most ? -most : lag;\n",
         "  e->lag = lag > most ? most : 0;\n",
         {"credit"}),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return copy_tree(str(tmp_path_factory.mktemp("claims") / "tree"))


@pytest.mark.parametrize("what", BROKEN)
def test_broken(tree, what):
    sched, old, new, wanted = BROKEN[what]
    path = f"{tree}/sched/{sched}.c"
    text = open(path).read()
    assert text.count(old) == 1
    open(path, "w").write(text.replace(old, new))
    done = run_in(tree, f"SCHED={sched}", "DET=1",
                  f"CMD=schedtest {' '.join(sorted(wanted))}")
    open(path, "w").write(text)
    out = done.stdout.decode(errors="replace")
    assert set(re.findall(r"^(\S+) .* FAIL ", out, re.M)) == wanted, out
