"""trap: a system call followed and counted, a backtrace, a program's alarm."""

import os
import random
import re
import runpy
import shutil
import subprocess
import sys

from frame import Lab, Lost, body, lines
from frame.lab import ROOT

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import trap_stacks as stacks  # noqa: E402  (lies beside this file)

ANSWERS = "docs/labs/trap/answers.txt"
TRACE = "kernel/lib/backtrace.c"
ALARM = "kernel/proc/alarm.c"
ENTRY = "kernel/trap/entry.S"

REGISTERS = "gp t2 s1 a5 a6 s3 s11 t5".split()
CAUSES = {  # and the names in kernel/lib/csr.h
    "a program reads at an address where nothing is mapped": "EXC_LOAD_PAGE",
    "a program writes at an address where nothing is mapped": "EXC_STORE_PAGE",
    "a program jumps to an address where nothing is mapped": "EXC_FETCH_PAGE",
    "a program executes an instruction that there is not": "EXC_ILLEGAL",
    "the timer goes off": "INTR_TIMER",
    "another hart wants this one": "INTR_SOFT",
}
COSTS = {"getppid()": "getppid", "uptime()": "uptime", "sbrk(0)": "sbrk",
         "fstat(0, &st)": "fstat", "getpgid(0)": "getpgid"}

lab = Lab(
    title="A system call, a backtrace, and an alarm",
    files=[ANSWERS, TRACE, ALARM],
    host={"probe": []},
    parts={TRACE: "kprintf symbol_of text_start text_end kernel_return"},
    kernels=[dict(sched="rr", hz=100)],
    leave_out=["tests/system/*"],
    cuts=[
        body(TRACE, "read_prologue", """\
  struct prologue p = { .ra_at = -1 };

  // Your part (step 5): read_short() or read_long() for each instruction, up to
  // pc, or until ra is saved.
  (void)read_short, (void)read_long;
  return p;
"""),
        body(TRACE, "step", """\
  // Your part (step 6). This is the line for each function:
  //
  //   kprintf("  %016lx %s+0x%lx\\n", *pc, name, ...);
  (void)read_prologue, (void)sound, (void)symbol_of;
  return false;
"""),
        body(TRACE, "backtrace", """\
  kprintf("backtrace:\\n");
  // Your part (step 7). Where a trap came, between two functions:
  //
  //   kprintf("  ---- trap ----\\n");
  (void)step, (void)in_text, (void)kernel_return;
"""),
        lines(ALARM, r"^//          sigalarm ", r"^// its own, which stays",
              """\
// The lab's page says what counts, and when the handler is entered.
"""),
        body(ALARM, "alarm_due", """\
  // Your part (step 8).
  return NSEC_NEVER;
"""),
        body(ALARM, "alarm_tick", """\
  // Your part (step 8): ask for p's attention (ATTEND), beside what else may
  // have asked for it.
"""),
        body(ALARM, "start", """\
  // Your part (step 8). The lock of the queue that p runs from: lock_own(),
  // spin_drop(), with interrupts held.
"""),
        body(ALARM, "enter", """\
  // Your part (step 9).
"""),
        body(ALARM, "alarm_leave", """\
  // Your part (step 9).
  (void)enter, (void)set_timer_for;
"""),
        body(ALARM, "resume", """\
  // Your part (step 10).
"""),
        body(ALARM, "sys_sigalarm", """\
  // Your part (step 8). p->after_sleep |= ATTEND has alarm_leave() called when
  // p has slept, too.
  (void)start, (void)stop, (void)alarms;
  return -1;
"""),
        body(ALARM, "sys_sigreturn", """\
  // Your part (step 10).
  (void)resume;
  return -1;
"""),
        lines("docs/syscall.md", r"^many ticks of 1/HZ s, and ends by",
              r"^  at is not refused; who jumps",
              "many ticks of 1/HZ s, and ends by `sigreturn()`.\n"),
    ],
)


@lab.term
def term(r):
    calls = ["read", "write", "fork", "pipe", "chdir", "dup", "unlink",
             "mkdir", "close", "kill"]
    return {"call": r.choice(calls), "function": r.choice(calls),
            "reg": r.choice(sorted(REGISTERS)),
            "cause": r.choice(sorted(CAUSES)),
            "cost": r.choice(sorted(COSTS)), "ticks": r.randint(2, 5)}


# ---- the answers ------------------------------------------------------------

def said(g, name):
    """What the answers file says under the name."""
    for line in g.read(ANSWERS).splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip() == name:
            return value.strip()
    raise Lost(f"a line {name}: in {ANSWERS}", "none")


def text_of(tree, path):
    with open(f"{tree}/{path}") as f:
        return f.read()


def number_said(g, name):
    word = (said(g, name).split() or ["nothing"])[0]
    try:
        return int(word, 0)
    except ValueError:
        raise Lost(f"{name}: a number", word) from None


def jump_of(tree):
    """The line where the vector calls a system call's function."""
    text = text_of(tree, ENTRY)
    assert text.count("\n  jalr t1\n") == 1
    return text[:text.index("\n  jalr t1\n")].count("\n") + 2


def number_of(tree, call):
    return int(re.search(rf"^#define SYS_{call}\s+(\d+)",
                         text_of(tree, "kernel/syscall.h"), re.M)[1])


def definition(tree, call):
    """(file, line) where the kernel's function for a call is defined."""
    for folder in ("fs", "proc"):
        for name in sorted(os.listdir(f"{tree}/kernel/{folder}")):
            path = f"kernel/{folder}/{name}"
            with open(f"{tree}/{path}") as f:
                for n, line in enumerate(f, 1):
                    if line.startswith(f"sys_{call}("):
                        return path, n
    raise AssertionError(call)


def expect_line(g, name, path, line):
    """A file and a line; the line above, with the function's type, will do."""
    got = said(g, name)
    if got not in (f"{path}:{line}", f"{path}:{line - 1}"):
        raise Lost(f"{name}: the right FILE:LINE", got or "nothing")


@lab.item("follow", 10, "where a system call goes: number, function, jump")
def follow(g):
    call = g.term["call"]
    if number_said(g, "number") != number_of(g.tree, call):
        raise Lost(f"number: what a7 holds in {call}()", said(g, "number"))
    expect_line(g, "function", *definition(g.tree, g.term["function"]))
    expect_line(g, "jump", ENTRY, jump_of(g.tree))
    return "number, function and jump"


def offset_of(tree, register):
    """Where struct frame has a register, in bytes."""
    struct = re.search(r"^struct frame {\n(.*?)^};",
                       text_of(tree, "kernel/trap/frame.h"), re.M | re.S)[1]
    names = []
    for line in re.findall(r"uint64_t ([^;]*);", struct):
        for name in line.split(", "):
            n = re.fullmatch(r"(\w+)\[(\d+)\]", name)
            names += [f"{n[1]}{i}" for i in range(int(n[2]))] if n else [name]
    return 8 * names.index(register)


def cause_of(tree, what):
    """scause then, by the name that csr.h has for it."""
    value = re.search(rf"^#define {CAUSES[what]} +(.*)$",
                      text_of(tree, "kernel/lib/csr.h"), re.M)[1]
    return sum(int(w) for w in re.findall(r"\d+", value)) + (
        (1 << 63) * ("CAUSE_INTR" in value))


@lab.item("frame", 6, "what the frame and scause hold")
def frame(g):
    if number_said(g, "offset") != offset_of(g.tree, g.term["reg"]):
        raise Lost(f"offset: where {g.term['reg']} lies in the frame",
                   said(g, "offset"))
    want = cause_of(g.tree, g.term["cause"])
    if number_said(g, "cause") % (1 << 64) != want:
        raise Lost(f"cause: scause when {g.term['cause']}", said(g, "cause"))
    return "offset and cause"


def disassembled(g):
    """The instructions of trap_entry and user_return, as text."""
    g.make("kernel", "SCHED=rr", "RUNQ=shared", "HZ=100", "DEBUG=0")
    tool = next(t for p in ("riscv64-unknown-elf-", "riscv64-elf-",
                            "riscv64-linux-gnu-")
                if (t := shutil.which(p + "objdump")))
    done = subprocess.run(
        [tool, "-d", "--no-show-raw-insn",
         f"{g.tree}/build/rr-shared-hz100/kernel.elf"], text=True, check=True,
        stdout=subprocess.PIPE)
    begin = done.stdout.index("<trap_entry>:\n")
    return re.findall(r"^\s*[0-9a-f]+:\s+(\S+)", done.stdout[begin:], re.M)


def ways(g):
    """How many instructions there are on the way in and on the way back."""
    insns = g.once(disassembled)
    there = insns.index("jalr") + 1
    return there, insns.index("sret") + 1 - there


@lab.item("count", 8, "the instructions of the way in and of the way back")
def count(g):
    there, back = ways(g)
    for name, want in (("in", there), ("back", back)):
        if number_said(g, name) != want:
            raise Lost(f"{name}: the right number", said(g, name))
    return f"{there} and {back}"


@lab.item("cost", 6, "the instructions of one call, measured")
def cost(g):
    run = g.boot("lab_cost " + COSTS[g.term["cost"]], hz=100, cpu=15)
    real = int(run.told("cost"))
    run.good()
    got = number_said(g, "cost")
    if abs(got - real) > max(8, real // 20):
        raise Lost(f"cost: about {real}", got)
    return f"{got}; measured here: {real}"


# ---- the backtrace ----------------------------------------------------------

def traces(g, scenes):
    for scene in scenes:
        run = g.host("probe", *scene.arguments(), cpu=2)
        got = [line.split()[-1] if "trap" not in line else "trap"
               for line in run.all("line") if not line.startswith("backtrace")]
        g.expect(" ".join(scene.want), " ".join(got), scene.what)
        run.good()
    return f"{len(scenes)} stacks"


def dice(g, name):
    return random.Random(f"{name} {g.seed}")


@lab.item("trace-calls", 10, "backtrace: functions that have called each other")
def trace_calls(g):
    r = dice(g, "calls")
    return traces(g, [stacks.calls(r, n) for n in (1, 2, 3, 5, 9)])


@lab.item("trace-inner", 6, "backtrace: an innermost one that has not saved ra")
def trace_inner(g):
    r = dice(g, "inner")
    return traces(g, [stacks.inner(r, how) for how in stacks.INNER])


@lab.item("trace-trap", 6, "backtrace: through a trap in the kernel")
def trace_trap(g):
    r = dice(g, "trap")
    return traces(g, [stacks.trapped(r, n) for n in (1, 2)])


@lab.item("trace-safe", 6, "backtrace: ends where the stack is not sound")
def trace_safe(g):
    r = dice(g, "safe")
    return traces(g, [stacks.unsound(r, how) for how in stacks.UNSOUND])


# ---- the alarm --------------------------------------------------------------

def cases(g, *names):
    run = g.boot(f"lab_alarm {g.term['ticks']}", hz=100, disk=True, cpu=25)
    for name in names:
        g.expect("ok", run.told(name), name)
    return ", ".join(names)


@lab.item("alarm-rings", 8, "alarm: the handler runs, in time, again and again")
def alarm_rings(g):
    return cases(g, "rings", "in-time", "undisturbed", "many")


@lab.item("alarm-registers", 10, "alarm: all registers come back")
def alarm_registers(g):
    return cases(g, "registers", "float")


@lab.item("alarm-once", 6, "alarm: a slow handler is not entered twice")
def alarm_once(g):
    return cases(g, "once")


@lab.item("alarm-stops", 6, "alarm: it can be stopped and changed")
def alarm_stops(g):
    return cases(g, "stops", "stops-inside", "changes")


@lab.item("alarm-own-time", 6, "alarm: only the time counts that one runs")
def alarm_own_time(g):
    return cases(g, "asleep", "beside-a-hog")


@lab.item("alarm-ends", 6, "alarm: fork, exec, wrong arguments, wild handlers")
def alarm_ends(g):
    return cases(g, "child", "child-inside", "exec", "refused", "wild",
                 "ends-inside")


def right(values):
    """All answers, by name; those that were counted are in answer/known.py."""
    known = runpy.run_path(f"{lab.folder}/answer/known.py")
    path, line = definition(ROOT, values["function"])
    return {
        "number": number_of(ROOT, values["call"]),
        "function": f"{path}:{line}", "jump": f"{ENTRY}:{jump_of(ROOT)}",
        "offset": offset_of(ROOT, values["reg"]),
        "cause": f"{cause_of(ROOT, values['cause']):#x}",
        "in": known["IN"], "back": known["BACK"],
        "cost": known["COST"][values["cost"]],
    }


@lab.reference
def reference(folder, values):
    path, mine = f"{folder}/{ANSWERS}", ""
    if os.path.exists(path):  # a wrong answer brings some of its own
        mine = text_of(folder, ANSWERS)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(mine)
        for name, value in right(values).items():
            if f"{name}: " not in mine:
                f.write(f"{name}: {value}\n")
