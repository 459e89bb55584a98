"""ps, top, timeline, schedstat and peach: what docs/tools.md shows of them,
keys, columns of each policy, and what they refuse."""

import re
import shlex

import pytest
from conftest import ROOT, guest

BLOCK = re.compile(r"^```\n\$ make run (.*)\n((?:.*\n)*?)```$", re.M)


def example(words):
    """What one of the chapter's commands prints."""
    options = dict(w.split("=", 1) for w in shlex.split(words))
    sched = options.pop("SCHED", "rr")
    return guest(options.pop("CMD"), sched, DET=int(options.pop("DET"))).ok().out


def form(text):
    """Its lines without what a change of the kernel may change: numbers, how
    far a chart's columns are apart."""
    text = re.sub(r"\d+(\.\d+)?", "0", text)
    text = re.sub(r"\|.*\|$", "|", text, flags=re.M)
    text = re.sub(r"^(. +0 \w+|  hart +0) .*$", r"\1", text, flags=re.M)
    text = re.sub(r"  z z z   |\([@.]{8}\)|naps|\"all mine\"", "", text)
    return [" ".join(l.split()) for l in text.splitlines()]


with open(f"{ROOT}/docs/tools.md", encoding="utf-8") as f:
    EXAMPLES = BLOCK.findall(f.read())


@pytest.mark.parametrize("words,shown", EXAMPLES, ids=[w for w, _ in EXAMPLES])
def test_example(words, shown):
    out = example(words).replace("exit status 0\n", "")
    assert form(out) == form(shown), out


def test_there_are_examples():
    assert len(EXAMPLES) == 5


# ---- ps ---------------------------------------------------------------------

@pytest.mark.parametrize("sched,columns", [
    ("rr", []), ("mlfq", ["level", "used"]), ("lottery", ["tickets"]),
    ("stride", ["tickets", "ahead"]), ("eevdf", ["nice", "lag"])])
def test_columns(sched, columns):
    nice = "nice -n 3 " if "nice" in columns else ""
    out = guest(f"{nice}sh -c 'sleep 50 & sleep 1; ps'", sched).ok().out
    title = next(l for l in out.splitlines() if l.lstrip().startswith("PID"))
    for name in ["PID", "STATE", "HART", "RUN", "WAIT", "SWITCHES", *columns]:
        assert name in title.split()
    row = next(l for l in out.splitlines() if re.search(r" sleep \(sleep\)$", l))
    value = dict(zip(title.split(), row.split()))
    assert value["STATE"] == "sleep"
    if "nice" in columns:
        assert value["nice"] == "3"


# ---- top --------------------------------------------------------------------

def test_top_goes_on_until_q(console):
    c = console(CPUS=2)
    c.prompt()
    c.send("top -d 0.1\n")
    for _ in range(3):
        c.expect(r"rr, shared, up ")
        c.expect(r"hart  1 \[")
        c.expect(r"CPU%   PID")
        c.expect(r" top\r?\n")
    c.send("q")
    c.prompt()
    assert c.line("echo lines again") == "lines again\n"


def test_top_sorts_by_use():
    out = guest("peach -n 9 -d 1 6 > out & top -n 2 -d 2").ok().out
    last = out[out.rindex("CPU%"):].splitlines()
    used = [int(l.split()[0]) for l in last[1:] if l.split()[0].isdigit()]
    assert used == sorted(used, reverse=True) and sum(used) > 50, out


def test_more_than_fit():
    out = guest(8 * "sleep 50 & " + "top -n 1 -l 5").ok().out
    assert re.search(r"^\.\.\. and \d+ more$", out, re.M), out


# ---- charts -----------------------------------------------------------------

def test_timeline_gives_the_status():
    done = guest("timeline sh -c 'exit 7'")
    assert done.status == 7, done.out
    assert guest("timeline nonesuch").status == 127


@pytest.mark.parametrize("cpus", [1, 4, 16])
def test_each_hart_has_a_line(cpus):
    out = guest("timeline work groups; peach -n 1 60", "mlfq", CPUS=cpus).ok().out
    assert len(re.findall(r"^  hart +\d+ ", out, re.M)) == cpus, out
    assert len(re.findall(r"^(?:peach|     ) hart +\d+ ", out, re.M)) == cpus
    eaters = re.findall(r"^([A-Za-z0-9])  [( ].{8}[) ] .{14} \|([#+\- ]{44})\|$",
                        out, re.M)
    assert len(eaters) == 60 and len({e[0] for e in eaters}) == 60, out


def test_on_one_hart_one_has_the_peach():
    """No two eaters have most of the same column, under DET."""
    out = guest("peach -n 4 -d 1 5", DET=1).ok().out
    for picture in out.split("peach hart")[1:]:
        owners = re.search(r"\|(.{44})\|", picture).group(1)
        rows = re.findall(r"^([A-E])  .*\|(.{44})\|$", picture, re.M)
        assert len(rows) == 5
        for i, owner in enumerate(owners):
            most = [who for who, row in rows if row[i] == "#"]
            assert len(most) <= 1 or "+" not in owner, picture
            if owner in "ABCDE" and most:
                assert owner in most, picture


def test_peach_quits(console):
    c = console(CPUS=1)
    c.prompt()
    c.send("peach 3\n")
    c.expect("what each sees")
    c.expect("what each sees")
    c.send("q")
    c.prompt()
    assert "live" not in c.line("ps")
    assert c.line("ps").count(" peach") == 0


# ---- what they refuse --------------------------------------------------------

@pytest.mark.parametrize("command", [
    "ps -x", "ps -l -r", "top -n 0", "top -d x", "top -l", "timeline",
    "timeline -w 5 true", "timeline -w", "schedstat x", "schedstat -1",
    "peach", "peach 0", "peach 61", "peach -n 0 3", "peach 3 4"])
def test_usage(command):
    done = guest(command)
    assert done.status == 2 and "usage: " + command.split()[0] in done.out


def test_no_such_process():
    done = guest("schedstat 12345")
    assert done.status == 1 and "no process 12345" in done.out


def test_another_trace_is_taken():
    done = guest("trace -o f timeline true")
    assert done.status == 1 and "another trace" in done.out, done.out
