"""The page's numbers and schedtest's, of one run: what schedtest measures by the
clock and by what the kernel counts, the page has from the trace."""

import json
import re
from html.parser import HTMLParser

import pytest
from test_trace import Recorded

CLOSE = 0.03    # ms: for what lies between the event and who reads the clock


class Page(HTMLParser):
    """The rows of report.html's table of processes: pid -> column -> number;
    and lanes of processes: pid -> spans, in ms."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.row, self.column = {}, None, None
        self.feed(text)
        data = json.loads(re.search(
            r'<script id="data" type="application/json">(.*?)</script>', text,
            re.S)[1])
        self.lanes = {x["pid"]: [(s[2], s[0] / 1e3, s[1] / 1e3)
                                 for s in x["spans"]]
                      for x in data["lanes"] if x["kind"] == "process"}

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "tr" and "data-pid" in attrs:
            self.row = self.rows[int(attrs["data-pid"])] = {}
        elif tag == "td":
            self.column = attrs.get("class")

    def handle_endtag(self, tag):
        if tag == "tr":
            self.row = None

    def handle_data(self, data):
        if self.row is not None and self.column and data.strip():
            self.row[self.column] = float(data)
            self.column = None

    def hogs(self, n):
        """The n that ran most."""
        return sorted(self.rows, key=lambda p: -self.rows[p]["run"])[:n]


def record(folder, row, sched):
    """The page, and the words that schedtest says of the row."""
    run = Recorded(folder, f"schedtest {row}", sched=sched, DET=1)
    run.done.ok()
    page = Page((run.convert() / "report.html").read_text())
    return page, re.search(rf"^{row} .*", run.done.out, re.M)[0].split()


def acts(spans):
    """(ready, runs, ends) of what a job does between its gate and its report:
    from the first wake-up on until it blocks."""
    at = next(i for i, s in enumerate(spans) if s[0] == "blocked") + 1
    to = next(i for i, s in enumerate(spans) if i > at and s[0] == "blocked")
    run = next(s for s in spans[at:to] if s[0] == "run")
    return spans[at][1], run[1], spans[to - 1][2]


@pytest.mark.parametrize("row,what", [("rr-turn", 2), ("rr-resp", 1)])
def test_turnaround_and_response(tmp_path, row, what):
    """Means of three jobs, from the page's timeline."""
    page, told = record(tmp_path, row, "rr")
    jobs = [acts(page.lanes[pid]) for pid in page.hogs(3)]
    mean = sum(j[what] - j[0] for j in jobs) / 3
    assert told[2] == "ms" and mean == pytest.approx(float(told[1]), abs=CLOSE)


@pytest.mark.parametrize("sched", ["lottery", "stride"])
def test_shares(tmp_path, sched):
    """By tickets 3:2:1: the row tells that which is furthest off."""
    page, told = record(tmp_path, "shares", sched)
    ran = [page.rows[pid]["run"] for pid in page.hogs(3)]
    shares = [100 * r / sum(ran) for r in ran]
    assert told[2] == "%"
    assert min(abs(s - float(told[1])) for s in shares) < 0.03, shares


def test_wake_up_latency(tmp_path):
    """Of the one process that sleeps and wakes, beside four hogs."""
    page, told = record(tmp_path, "wake-4", "rr")
    waker = page.rows[max(page.rows, key=lambda p: page.rows[p].get("wakeups"))]
    longest, n = float(told[1]), int(told[told.index("waits;") - 1])
    half, most = (float(told[told.index("below", i) + 1].rstrip(","))
                  for i in (0, told.index("%")))
    assert n <= waker["wakeups"] <= n + 2       # and those at its gates
    assert waker["max"] / 1000 == pytest.approx(longest, abs=CLOSE)
    assert waker["p50"] / 1000 == pytest.approx(half, abs=CLOSE)
    assert waker["p99"] / 1000 == pytest.approx(most, abs=CLOSE)
