"""The test programs of tests/guest: each a table of cases, run in the guest.

They run with every value of each dimension: ticks a second, harts, queue modes,
memory; with each queue mode beside each HZ and each memory, and each number of
harts beside each memory. Programs that take seconds run with every value, too.
`T=system/test_guest.py` with MATRIX=1 in the environment runs all programs in
all of the product.
"""

import glob
import itertools
import os
import re

import pytest
from conftest import MATRIX, ROOT, guest

PROGRAMS = sorted(
    os.path.basename(f)[:-2] for f in glob.glob(f"{ROOT}/tests/guest/*.c")
    if re.search(r'"tests/guest/(guest|files|memory)\.h"', open(f).read())
    and not f.endswith(("/again.c", "/failalloc.c")))  # see test_memory.py

# Policy, queue mode, HZ, harts, memory. One policy for each kernel is enough:
# the policies are held to their promises elsewhere.
PAIRS = [
    ("rr", "shared", 10, 1, "64M"),
    ("lottery", "perhart", 100, 2, "1G"),
    ("rr", "shared", 1000, 4, "1G"),
    ("mlfq", "perhart", 10, 4, "64M"),
    ("lottery", "shared", 100, 1, "1G"),
    ("mlfq", "perhart", 1000, 2, "64M"),
]
# Three of them that have all values, in two ways; SLOW takes turns.
HALVES = [{0, 1, 2}, {3, 4, 5}]
SLOW = "alarm clock courses fuzz heap memory scarce share".split()
ALL = list(itertools.product(["rr", "mlfq", "lottery"], ["shared", "perhart"],
                             [10, 100, 1000], [1, 2, 4], ["64M", "1G"]))
CONFIGS = ALL if MATRIX else PAIRS


def run(programs, **how):
    """Run all of them one after the other, in one boot; {name: status}."""
    cmd = "; ".join(f"t_{p}; echo == {p} $?" for p in programs)
    done = guest(cmd, LIMIT=400, **how)
    return dict(re.findall(r"^== (\w+) (-?\d+)$", done.out, re.M)), done


def programs_of(config):
    if CONFIGS is ALL:
        return PROGRAMS
    return [p for p in PROGRAMS if p not in SLOW or
            PAIRS.index(config) in HALVES[SLOW.index(p) % len(HALVES)]]


def test_slow_programs_meet_every_value():
    assert set(SLOW) < set(PROGRAMS)
    for p in SLOW:
        seen = [c[1:] for c in PAIRS if p in programs_of(c)] \
            if CONFIGS is PAIRS else [c[1:] for c in ALL]
        assert [len(set(values)) for values in zip(*seen)] == [2, 3, 3, 2], p


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: "-".join(map(str, c)))
def test_programs(config):
    sched, runq, hz, cpus, mem = config
    programs = programs_of(config)
    statuses, done = run(programs, sched=sched, runq=runq, hz=hz, CPUS=cpus,
                         MEM=mem)
    assert statuses == {p: "0" for p in programs}, str(done)


def test_failure_is_told():
    """What has no case to run, or is not there, has a status that shows it."""
    statuses, done = run(["pipe", "nosuchprogram"])
    assert statuses == {"pipe": "0", "nosuchprogram": "127"}, str(done)
    assert guest("t_pipe nosuchcase").status == 1
