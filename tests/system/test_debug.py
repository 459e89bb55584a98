"""The checks of a DEBUG=1 kernel find what they are there for.

Each damage of kernel/debug/plant.c is done once, by plant=NAME on the kernel's
command line; the kernel must notice, say what is wrong and show who did it.
"""

import itertools
import re
import subprocess

import pytest
from conftest import MATRIX, ROOT, build, guest

UNDEFINED = r"undefined behaviour at kernel/debug/plant.c:\d+:\d+: "
FREED = r"use after free: at offset \d+ of a free "

# damage: what the panic says, and the function that it must name
DAMAGES = {
    "two-locks": (r'lock order: "first" with "second" held', "two_locks"),
    "three-locks": (r'lock order: "first" with "third" held', "three_locks"),
    "one-class": (r'lock order: "twin" with "twin" held', "one_class"),
    "two-mutexes": (r'lock order: "sleeping" with "other" held',
                    "two_mutexes"),
    "same-lock": (r'lock order: "first" with "first" held', "same_lock"),
    "not-held": (r"holder == this_hart", "not_held"),
    "hold-long": (r'lock held too long: "first", for 20\d{5} basic blocks',
                  "hold_long"),
    "stuck": (r'lock "first" was waited for for 10 s', "stuck"),
    "sleep-locked": (r"sleep with a spinlock: 1 held, 0 allowed",
                     "sleep_locked"),
    "yield-locked": (r"sleep with a spinlock: 1 held, 0 allowed",
                     "yield_locked"),
    "wait-locked": (r"sleep with a spinlock: 2 held, 1 allowed",
                    "wait_locked"),
    "free-page-twice": (r"page_is_used\(pg\)", "free_page_twice"),
    "free-thing-twice": (r'double free of a "thing"', "free_thing_twice"),
    "free-half-thing": (r"% c->size == 0", "free_half_thing"),
    "write-free-page": (FREED + "page at", "write_free_page"),
    "write-zero-page": (FREED + "page of zeroes at", "write_zero_page"),
    "write-free-thing": (FREED + "thing at", "write_free_thing"),
    "write-free-link": (r'the first word of a free "thing"',
                        "write_free_link"),
    "write-free-stack": (FREED + "kernel stack at", "write_free_stack"),
    "overrun": (r"a function has written past its arrays", "overrun"),
    "overflow": (UNDEFINED + "a sum", "overflow"),
    "shift": (UNDEFINED + "a shift", "shift"),
    "outside": (UNDEFINED + "an index", "outside"),
    "misaligned": (UNDEFINED + "a pointer", "misaligned"),
    "null-pointer": (UNDEFINED + "a pointer", "null_pointer"),
    "wild-bool": (UNDEFINED + "a bool", "wild_bool"),
    "lost-task": (r"run queue 0 of policy rr: ", "lost_task"),
}


def test_every_damage_is_tried():
    text = open(f"{ROOT}/kernel/debug/plant.c").read()
    assert set(re.findall(r'^  \{ "([\w-]+)", \w+ \},$', text, re.M)) \
        == set(DAMAGES)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found(damage):
    says, function = DAMAGES[damage]
    # What is wrong with a queue is found by whoever picks from it next.
    cpus = 1 if damage == "lost-task" else 2
    done = guest("sleep 1000", debug=1, CPUS=cpus, PARAMS=f"plant={damage}")
    assert done.status == 254, str(done)
    assert re.search(f"^panic: .*{says}", done.out, re.M), str(done)
    trace = done.out.split("backtrace:\n")[1]
    assert re.search(rf"\b{function}\+0x", trace), str(done)


def test_lock_order_shows_both_ways():
    """Where the locks were taken in one order, and where in the other."""
    done = guest("sleep 1000", debug=1, PARAMS="plant=two-locks")
    earlier, now = re.search(r"^earlier (.*)^now (.*)^panic", done.out,
                             re.M | re.S).groups()
    for text in earlier, now:
        assert len(re.findall(r"^  (?:held|wanted) by .* <- two_locks\+",
                              text, re.M)) == 2, str(done)


def test_nothing_without_damage():
    done = guest("sh -c 'ls | wc; echo fine'", debug=1, CPUS=2).ok()
    assert "fine" in done.out
    # And it was watching.
    assert re.search(r"longest hold of a spinlock: \"[a-z ]+\", [1-9]\d*",
                     done.out), str(done)


def test_unknown_damage_is_refused():
    done = guest("true", debug=1, PARAMS="plant=weeds")
    assert done.status == 2 and "plant=weeds: no such damage" in done.out


def test_costs_nothing_without_debug():
    """A kernel without DEBUG=1 has nothing of it."""
    done = guest("true", PARAMS="plant=shift")
    assert done.status == 2, str(done)
    names = subprocess.run(["nm", build()], capture_output=True, text=True,
                           check=True).stdout
    assert " panic\n" in names
    assert not re.search(r" (debug_|__ubsan|__sanitizer|__stack_chk)", names)


HALVES = ["affinity attr badptr clock cow exec fault",
          "file fp full heap life names pipe text"]
KERNELS = [("mlfq", "perhart"), ("rr", "shared")]


@pytest.mark.parametrize("programs,kernel", itertools.product(HALVES, KERNELS)
                         if MATRIX else zip(HALVES, KERNELS))
def test_programs_find_nothing(programs, kernel):
    """What the test programs do, on a kernel that watches itself."""
    sched, runq = kernel
    command = " && ".join(f"t_{p}" for p in programs.split())
    done = guest(f"sh -c '{command} && echo all passed'",
                 sched=sched, runq=runq, debug=1, CPUS=4, LIMIT=300).ok()
    assert "all passed\n" in done.out, str(done)
