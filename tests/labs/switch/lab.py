"""switch: the trap frame, the context switch, threads."""

import re

from frame import Lab, Lost
from frame.lab import ROOT

SWITCH, ENTRY = "kernel/proc/switch.S", "kernel/trap/entry.S"
INCLUDE = r'''    ".include \"kernel/proc/switch.S\"\n"
'''
MOST = 130  # instructions for a getpid() and the loop around it

lab = Lab(
    title="The context switch, the trap frame, and threads",
    files=[SWITCH, ENTRY, "user/lib/thread_switch.S", "user/lib/thread.c"],
    kernels=[dict(sched="rr")],
    leave_out=["tests/guest/threads.c"],
)


@lab.term
def term(r):
    return {
        "ring": r.randint(20, 40),
        "threads": r.randint(3, 6),
        "turns": r.randint(3, 6),
        "seed": r.randint(1, 10**6),
        "most": MOST,
    }


def fresh(g):
    """Put switch.S into lab_regs.c: what assembly includes, neither make nor
    ccache knows of."""
    path = "tests/labs/switch/guest/lab_regs.c"
    code = re.sub(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*", "", g.read(SWITCH),
                  flags=re.S | re.M)
    quoted = "".join(
        '    "%s\\n"\n' % line.replace("\\", "\\\\").replace('"', '\\"')
        for line in code.splitlines() if line.strip())
    with open(f"{ROOT}/{path}") as f:
        text = f.read()
    assert text.count(INCLUDE) == 1
    text = text.replace(INCLUDE, quoted)
    if g.read(path) != text:
        with open(f"{g.tree}/{path}", "w") as f:
            f.write(text)


def case(run, name):
    """Lost unless the case told that all was well."""
    got = run.told(name)
    if got != "ok":
        raise Lost(f"{name}: all as it was left", got)


def number(run, name):
    return int(run.told(name))


def registers(g):
    g.once(fresh)
    return g.boot(f"lab_regs {g.term['seed']} {g.term['ring']}",
                  params="slice=1ms", cpu=15)


def comes_up(g):
    """A kernel that did not run a program once is not tried again."""
    registers(g).told("switch")


def threads(g):
    comes_up(g)
    return g.boot("lab_threads {seed} {threads} {turns}".format(**g.term),
                  cpu=10)


def in_kernel(g, cpus):
    comes_up(g)
    run = g.boot(f"lab_kernel {g.term['seed']} {3 + cpus}", cpus=cpus,
                 params="slice=100us", cpu=30)
    case(run, "work")
    n = number(run, "preempted")
    if n < 100:
        raise Lost("at least 100 preemptions", n)
    return f"{n} preemptions"


# ---- the trap frame ----------------------------------------------------------

@lab.item("frame-call", 10, "a system call changes a0 and nothing else")
def frame_call(g):
    case(registers(g), "call")


@lab.item("frame-preempt", 10, "an interrupt changes no register of a program")
def frame_preempt(g):
    run = registers(g)
    case(run, "preempt")
    n = number(run, "preempted")
    if n < 10:
        raise Lost("at least 10 preemptions", n)


@lab.item("frame-fault", 5, "a page fault changes no register of a program")
def frame_fault(g):
    case(registers(g), "fault")


@lab.item("frame-fp", 5, "floating point registers stay with their process")
def frame_fp(g):
    case(registers(g), "fp")


@lab.item("frame-kernel", 10, "the kernel can be interrupted, and go on")
def frame_kernel(g):
    return in_kernel(g, 1)


@lab.item("two-harts", 5, "and go on upon another hart")
def two_harts(g):
    # What is wrong on one hart shows here by luck: so it does not come so far.
    for right_on_one in (frame_call, frame_preempt, frame_fault, frame_kernel):
        right_on_one(g)
    return in_kernel(g, 2)


@lab.item("cost", 5, f"getpid() takes {MOST} instructions at most")
def cost(g):
    # A hundredth of a nanosecond; 8 ns an instruction, as DET=1 counts time.
    took = number(registers(g), "getpid") / 800
    if took > MOST:
        raise Lost(f"{MOST} instructions at most", f"{took:.0f}")
    return f"{took:.0f} instructions"


# ---- the switch --------------------------------------------------------------

@lab.item("switch-saved", 15, "switch_context keeps sp and s0 to s11")
def switch_saved(g):
    case(registers(g), "switch")


@lab.item("switch-ring", 5, "a ring of processes hands a number on")
def switch_ring(g):
    case(registers(g), "ring")


# ---- threads -----------------------------------------------------------------

@lab.item("threads-turns", 6, "threads take turns in order")
def threads_turns(g):
    case(threads(g), "turns")


@lab.item("threads-saved", 8, "s0 to s11 and fs0 to fs11 over a yield")
def threads_saved(g):
    case(threads(g), "registers")


@lab.item("threads-stack", 4, "a stack each, aligned to 16 bytes")
def threads_stack(g):
    case(threads(g), "stacks")


@lab.item("threads-join", 5, "a join gives the status")
def threads_join(g):
    case(threads(g), "joins")


@lab.item("threads-refused", 3, "joins that cannot be are refused")
def threads_refused(g):
    case(threads(g), "refused")


@lab.item("threads-last", 2, "the last one's end is the process's")
def threads_last(g):
    case(threads(g), "last")


@lab.item("threads-memory", 2, "a joined thread's memory is free again")
def threads_memory(g):
    case(threads(g), "memory")
