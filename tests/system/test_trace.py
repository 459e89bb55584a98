"""What `trace` records of a run, and what `make trace` makes of it."""

import json
import os
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from conftest import ROOT, build, guest, make

sys.path.append(f"{ROOT}/mkfs/trace")
import events  # noqa: E402
import model  # noqa: E402

# The format strings of Linux 6.12's include/trace/events/sched.h, with %s%s of
# prev_state as in its text: a letter, and a + if it was pushed out.
FORMATS = {
    "sched_switch": "prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s"
                    " ==> next_comm=%s next_pid=%d next_prio=%d",
    "sched_waking": "comm=%s pid=%d prio=%d target_cpu=%03d",
    "sched_wakeup": "comm=%s pid=%d prio=%d target_cpu=%03d",
    "sched_wakeup_new": "comm=%s pid=%d prio=%d target_cpu=%03d",
    "sched_migrate_task": "comm=%s pid=%d prio=%d orig_cpu=%d dest_cpu=%d",
    "sched_process_fork": "comm=%s pid=%d child_comm=%s child_pid=%d",
    "sched_process_exec": "filename=%s pid=%d old_pid=%d",
    "sched_process_exit": "comm=%s pid=%d prio=%d",
}
LINE = re.compile(r" *(.+)-(\d+) +\[(\d{3})\] [d.]{5} +(\d+)\.(\d{6}): "
                  r"(\w+): (.*)")


def pattern(fmt):
    """A regular expression for what printf makes of a format string."""
    fmt = re.escape(fmt).replace("%s%s", r"([RSDZ])(\+?)")
    fmt = fmt.replace("%s", r"(\S+)").replace("%03d", r"(\d{3})")
    return re.compile(fmt.replace("%d", r"(-?\d+)"))


class Recorded:
    """A run under `trace`: how it ended, the file, the model of it."""

    def __init__(self, folder, cmd, options="", **guest_options):
        self.folder = folder
        build(guest_options.get("sched", "rr"),
              guest_options.get("runq", "shared"))
        image = folder / "disk.img"
        shutil.copy(f"{ROOT}/build/user/fs.img", image)
        self.done = guest(f"trace {options} -o t.peach {cmd}", IMAGE=image,
                          WRITE=1, **guest_options)
        self.file = folder / "t.peach"
        self.file.write_bytes(subprocess.run(
            [f"{ROOT}/build/host/peachfs", "cat", image, "t.peach"],
            check=True, stdout=subprocess.PIPE).stdout)
        image.unlink()

    def model(self):
        return model.read(self.file.read_bytes())

    def convert(self):
        """Write all that `make trace` writes; return the folder."""
        subprocess.run([sys.executable, "-B", f"{ROOT}/mkfs/trace", self.file,
                        self.folder], check=True, stdout=subprocess.PIPE)
        return self.folder


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """Pipes and hogs on four harts with a queue each."""
    run = Recorded(tmp_path_factory.mktemp("busy"), "lat pingpong 300 6",
                   sched="mlfq", runq="perhart", CPUS=4)
    run.done.ok()
    run.convert()
    return run


@pytest.fixture(scope="module")
def hogs(tmp_path_factory):
    """Three hogs, under DET."""
    run = Recorded(tmp_path_factory.mktemp("hogs"), "lat hogs 6000000 3",
                   sched="mlfq", DET=1)
    run.done.ok()
    run.convert()
    return run


# --- the same each time ------------------------------------------------------


def test_same_bytes(tmp_path, hogs):
    again = Recorded(tmp_path, "lat hogs 6000000 3", sched="mlfq", DET=1)
    assert again.file.read_bytes() == hogs.file.read_bytes()


def test_golden(tmp_path):
    """Three processes that yield in turn: what happens, in which order.

    No time in it, and processes by their order, so that it stays the same as
    long as the scheduler decides the same.
    """
    run = Recorded(tmp_path, "lat yield 16 2", DET=1)
    names = {}
    for r in run.model().records:
        for pid in (r.pid, r.other if r.type in ("switch", "fork") else 0):
            if pid > 0:
                names.setdefault(pid, f"p{len(names)}")
    lines = [re.sub(r"\b(pid|to|child|by)=(\d+)", lambda m: m[1] + "=" +
                    names.get(int(m[2]), m[2]), events.text(r))
             for r in run.model().records if r.type != "timer"]
    with open(f"{ROOT}/tests/system/trace.golden", encoding="utf-8") as f:
        assert lines == f.read().splitlines()


# --- what is in it -----------------------------------------------------------


def test_head(hogs):
    t = hogs.model()
    assert (t.policy, t.runq, t.harts, t.seed, t.hz, t.clock, t.lost) == \
        ("mlfq", "shared", 1, 1, 10, 10**7, 0)
    assert t.command == "lat hogs 6000000 3"
    assert t.params["levels"] == (4, "count")
    assert t.params["slice"] == (10**7, "ns")
    assert ("boost", [10**9, 0, 0, 0]) in t.promises
    assert re.fullmatch(r"mlfq-shared-hz10 gcc \S+", t.build), t.build
    assert re.fullmatch(r"[0-9a-f]{9,16}", t.text), t.text


def test_all_that_ran_adds_up(hogs, busy):
    """The spans of each process are what the kernel has counted itself."""
    for run in (hogs, busy):
        t = run.model()
        born = {r.other for r in t.records if r.type == "fork"}
        last = {r.pid: r.b for r in t.records if r.type == "switch"}
        assert len(born) > 6
        for pid in born:
            assert t.processes[pid].total("run") == last[pid], pid


def test_levels_are_told(hogs):
    """Each hog sinks by one level at a time, when its allotment is used."""
    t = hogs.model()
    sunk = {}
    for r in t.records:
        if r.type == "level":
            assert r.a == r.b + 1 == sunk.get(r.pid, r.b) + 1
            sunk[r.pid] = r.a
    assert len([a for a in sunk.values() if a >= 2]) == 3, sunk


@pytest.mark.parametrize("sched,note", [("lottery", "draw"),
                                        ("stride", "pass"), ("eevdf", "lag")])
def test_a_policy_tells(tmp_path, sched, note):
    run = Recorded(tmp_path, "lat hogs 6000000 3", sched=sched, DET=1)
    run.done.ok()
    told = [r for r in run.model().records if r.type == note]
    assert len(told) > 5 and len({r.pid for r in told}) >= 3
    if note == "draw":
        assert all(0 <= r.a < r.b for r in told)
    if note == "lag":
        assert all(abs(r.a) <= 3 * 10**6 for r in told)     # a request
    tracks = json.loads((run.convert() / "trace.json").read_text())
    assert any(e["name"].startswith(note) for e in tracks["traceEvents"])


def test_kinds_of_events(tmp_path):
    run = Recorded(tmp_path, "sh -c 'nice -n 3 taskset 1 sleep 1; "
                   "lat hogs 9000000 2; lat pipe1 20; lat yield 20 2'",
                   sched="eevdf", CPUS=1)
    run.done.ok()
    kinds = {r.type for r in run.model().records}
    assert kinds >= {"switch", "block", "slice", "yield", "waking", "wakeup",
                     "new", "fork", "exec", "exit", "timer", "attr",
                     "affinity", "lag"}, kinds
    waits = {r.name for r in run.model().records if r.type == "block"}
    assert {"child", "sleep"} <= waits, waits
    assert ("attr", 0, 3) in {(r.type, r.a, r.b)
                              for r in run.model().records}


def test_preempt_and_moves(busy):
    """The two that wake each other push out hogs, and change harts."""
    kinds = [r.type for r in busy.model().records]
    assert kinds.count("preempt") > 0 and kinds.count("move") > 0


def test_off_costs_a_load_and_a_branch():
    """Wherever the kernel asks whether it is traced."""
    with open(f"{ROOT}/kernel/trap/frame.h", encoding="utf-8") as f:
        at = re.search(r"#define HART_TRACING +(\d+)", f.read())[1]
    dump = next(filter(None, map(shutil.which, (
        "riscv64-unknown-elf-objdump", "riscv64-elf-objdump",
        "riscv64-linux-gnu-objdump"))))
    code = subprocess.run([dump, "-d", "--no-show-raw-insn", build("rr")],
                          check=True, capture_output=True, text=True).stdout
    found = re.findall(rf"\tlbu\t(\w+),{at}\(tp\).*\n.*?\t(\w+)\t(\w+),", code)
    assert len(found) > 12, found
    for loaded, branch, tested in found:
        assert branch in ("bnez", "beqz") and tested == loaded, found


# --- the files ---------------------------------------------------------------


def ftrace_lines(run):
    text = (run.folder / "trace.ftrace").read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_ftrace_is_as_linux_writes_it(busy, hogs):
    formats = {name: pattern(fmt) for name, fmt in FORMATS.items()}
    seen = set()
    for run in (busy, hogs):
        for line in ftrace_lines(run):
            m = LINE.fullmatch(line)
            assert m, line
            assert m[6] in formats and formats[m[6]].fullmatch(m[7]), line
            seen.add(m[6])
    assert seen == set(FORMATS)


def test_ftrace_makes_sense(busy):
    """On each hart, who leaves is who came; time goes forward."""
    formats = pattern(FORMATS["sched_switch"])
    came, before, n = {}, 0, 0
    for line in ftrace_lines(busy):
        m = LINE.fullmatch(line)
        now = int(m[4]) * 10**6 + int(m[5])
        assert now >= before, line
        before = now
        if m[6] == "sched_switch":
            f = formats.fullmatch(m[7])
            leaves, comes = int(f[2]), int(f[7])
            assert came.get(m[3], leaves) == leaves, line
            came[m[3]] = comes
            assert leaves == int(m[2]), line
            n += 1
    assert len(came) == 4 and n > 300


def test_chrome_events(busy, hogs):
    for run in (busy, hogs):
        doc = json.loads((run.folder / "trace.json").read_text())
        ends = {}
        for e in doc["traceEvents"]:
            if e["ph"] == "X":
                track = e["pid"], e["tid"]
                assert e["ts"] >= ends.get(track, 0) - 1e-3, e
                ends[track] = e["ts"] + e["dur"]
        counters = {e["name"] for e in doc["traceEvents"] if e["ph"] == "C"}
        assert any(n.startswith("waiting") for n in counters)
        assert any(n.startswith("level of ") for n in counters)
        assert doc["otherData"]["policy"] == "mlfq"


def test_timeline(busy, hogs):
    for run in (busy, hogs):
        t = run.model()
        svg = ElementTree.parse(run.folder / "timeline.svg").getroot()
        tag = "{http://www.w3.org/2000/svg}"
        texts = [e.text for e in svg.iter(f"{tag}text")]
        for h in range(t.harts):
            assert f"hart {h}" in texts
        for p in t.shown():
            assert p.label() in texts
        assert {"runs, each in its colour", "blocked", "hart is idle"} <= set(texts)
        assert re.fullmatch("time in (s|ms|µs)", texts[-1]) or \
            any(re.fullmatch("time in (s|ms|µs)", x) for x in texts)
        right = float(svg.get("width"))
        for r in svg.iter(f"{tag}rect"):
            assert 0 <= float(r.get("x", 0)) <= right
            assert float(r.get("x", 0)) + float(r.get("width")) <= right + 1


def test_make_trace(tmp_path):
    """The goal, with quotes in CMD, and the status of the command."""
    done = make("-s", "trace", "DET=1", f"TRACEDIR={tmp_path}",
                "CMD=echo \"it's\" 'so'; sleep 1; false", check=False)
    assert done.returncode == 2 and "exit status 1\n" in done.stdout
    assert "it's so\n" in done.stdout
    assert {"trace.peach", "trace.ftrace", "trace.json", "timeline.svg"} <= \
        set(os.listdir(tmp_path))


# --- when it goes wrong ------------------------------------------------------


def test_lost_events_are_counted(tmp_path):
    run = Recorded(tmp_path, "lat pingpong 500", options="-b 300", DET=1)
    run.done.ok()
    t = run.model()
    assert 200 < len(t.records) <= 306
    assert t.lost > 3000
    assert f"{len(t.records)} records kept, the {t.lost} before were lost" in \
        run.done.out
    numbers = [r.seq for r in t.records]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    run.convert()


def test_status_and_complaints(tmp_path):
    run = Recorded(tmp_path, "sh -c 'exit 7'", DET=1)
    assert run.done.status == 7 and run.model().status == 7
    for cmd, status, says in [
            ("trace -o t", 2, "usage: trace"),
            ("trace -o /no/t true", 1, "trace: /no/t: "),
            ("trace -b 99999999 -o t true", 1, "no memory for 99999999"),
            ("trace -o t trace -o u true", 1, "another trace is taken"),
            ("trace -o t nonesuch", 127, "nonesuch: command not found")]:
        done = guest(cmd, DET=1)
        assert done.status == status and says in done.out, (cmd, done)


def test_memory_comes_back():
    """Also when who traces is killed. A trace has 6 MB here."""
    done = guest("sh -c 'trace -o t true; trace -o t true; ps | grep free; "
                 "trace -o t lat hogs 100000 3; ps | grep free; "
                 "trace -o t sleep 100 & sleep 1; kill $!; wait; "
                 "trace -o t true && ps | grep free'", DET=1)
    free = [int(n) for n in re.findall(r"(\d+) of \d+ KiB free",
                                       done.out)]
    assert len(free) == 3 and max(free) - min(free) < 500, str(done)


def test_damaged_file(tmp_path, hogs):
    cut = hogs.file.read_bytes()[:-1]
    with pytest.raises(model.Damaged):
        model.read(cut)
    with pytest.raises(model.Damaged):
        model.read(b"something else")
    (tmp_path / "cut").write_bytes(cut)
    done = subprocess.run([sys.executable, "-B", f"{ROOT}/mkfs/trace",
                           tmp_path / "cut", tmp_path / "out"],
                          capture_output=True, text=True)
    assert done.returncode != 0 and "records" in done.stderr


def test_panic_tells_the_last_events():
    """With DEBUG=1 they are kept from the boot on."""
    done = guest("lat pingpong 3000", debug=1, CPUS=2, PARAMS="plant=stuck")
    assert done.status == 254, str(done)
    tail = done.out.split("backtrace:\n")[1]
    assert re.search(r"^run queue 0 \(rr\): \d+ ready", tail, re.M), tail
    assert re.search(r"^hart \d runs pid \d+ gardener$", tail, re.M), tail
    for h in (0, 1):
        kept = re.search(rf"^last events of hart {h}:\n((?: .*\n)+)", tail,
                         re.M)
        lines = kept[1].splitlines()
        assert 1 <= len(lines) <= 20
        assert all(re.match(r" +\d+ us  pid -?\d+ \w+", n) for n in lines)
    assert "switch to" in tail
