"""The kernel's own mistakes are told and fail.

Each mistake is planted in a policy, the one piece of the kernel that users
write, in a copy of the tree: rr.c with one line more.
"""

import re

import pytest
from conftest import Ended, copy_tree, run_in

pytestmark = pytest.mark.xdist_group("panic")  # one tree, made once

# name: (a line at the head of pick(), what the panic must say, a function
# that the backtrace must name)
MISTAKES = {
    "wild": ("if (now > SEC(1)) *(volatile int *)(now >> 50 | 16) = 1;",
             r"panic: store page fault.*address 0x10", "wild_pick"),
    "lost": ("if (now > SEC(1)) return 0;",
             r"panic: policy lost broke promise .4. of .* in pick", "sched_pick"),
    "deep": ("if (now > SEC(1)) return deep_pick(rq, hart, now + 1) ? 0 : "
             "queue_get(queue(rq), hart);",
             r"panic: kernel stack overflow", "deep_pick"),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return copy_tree(tmp_path_factory.mktemp("tree") / "peach")


@pytest.fixture(scope="module", params=MISTAKES)
def mistake(request, tree):
    name = request.param
    line, says, function = MISTAKES[name]
    text = (tree / "sched/rr.c").read_text().replace("rr_", f"{name}_") \
        .replace('"rr"', f'"{name}"')
    text, n = re.subn(rf"({name}_pick\([^)]*\)\n{{\n)", rf"\1  {line}\n", text)
    assert n == 1
    (tree / f"sched/{name}.c").write_text(text)
    return name, says, function, Ended(run_in(
        tree, f"SCHED={name}", "CPUS=2", "LIMIT=60",
        "CMD=sh -c 'sleep 20; sleep 20; echo never'"))


def test_panic_is_told(mistake):
    name, says, function, done = mistake
    assert "exit status 254" in done.all, str(done)
    assert "never" not in done.out
    assert re.search(says, done.out), str(done)
    assert re.search(r"^hart \d", done.out, re.M), str(done)


def test_backtrace_names_functions(mistake):
    name, says, function, done = mistake
    trace = done.out.split("backtrace:\n")[1]
    assert re.search(rf"\b{function}\+0x", trace), str(done)


def test_make_fails(mistake):
    assert mistake[3].status == 2


def test_registers_are_told(mistake):
    name, says, function, done = mistake
    told = done.out.split("panic: ")[1].split("backtrace:")[0]
    for register in ["s0", "s11", "sstatus"]:
        assert re.search(rf"\b{register} +[0-9a-f]{{16}}\b", told), str(done)


def test_last_switches_are_told(mistake):
    """Of each hart, the last ending with the process that was broken off."""
    name, says, function, done = mistake
    pid = re.search(r"^hart (\d), pid (\d+) ", done.out, re.M)
    for hart in (0, 1):
        kept = re.search(rf"^last switches of hart {hart}:\n((?: .*\n)*)",
                         done.out, re.M)
        assert kept, str(done)
        lines = kept[1].splitlines()
        assert len(lines) <= 20 and (lines or hart), str(done)
        times = [int(n.split()[0]) for n in lines]
        assert times == sorted(times), str(done)
        assert all(re.fullmatch(r" +\d+ us  to (idle|pid \d+ \S+)"
                                r"( for \d+ us)?", n) for n in lines), str(done)
        if pid and int(pid[1]) == hart and lines:
            assert re.search(rf"to (idle|pid {pid[2]} .*)$", lines[-1])
