"""report.html in a real browser: it opens, it zooms, its numbers are those of
the trace."""

import json
import re
import sys

import linux
import pytest
from conftest import ROOT, make
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from test_trace import Recorded

sys.path.append(f"{ROOT}/mkfs/trace")
import figures  # noqa: E402

pytestmark = pytest.mark.xdist_group("report")  # one tree, made once

TITLE = r"(\w+): response ([\d.]+) ms, turnaround ([\d.]+) ms, (\d+) switches"

RUNS = {
    "three": dict(cmd="sh -c 'lat hogs 6000000 3; echo \"<b>@D3@\"'",
                  sched="mlfq", DET=1),
    "many": dict(cmd="lat pingpong 60 58", sched="lottery", runq="perhart",
                 CPUS=4),
}


@pytest.fixture(scope="module", params=RUNS)
def run(request, tmp_path_factory):
    run = Recorded(tmp_path_factory.mktemp(request.param),
                   **RUNS[request.param])
    run.done.ok()
    run.convert()
    run.followed = linux.follow((run.folder / "trace.ftrace").read_text())
    return run


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in ("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage",
                 "window-size=1300,1000", "disable-background-networking",
                 f"user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs",
                           {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                              options=options)
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture
def page(run, browser):
    browser.get_log("performance")
    browser.get(f"file://{run.folder}/report.html")
    return browser


def seen(page):
    """The stretch of time that the timeline shows, in µs; and how many bars."""
    at = page.find_element(By.ID, "timeline")
    return tuple(float(at.get_attribute(f"data-{k}"))
                 for k in ("from", "to", "drawn"))


def test_no_complaint_and_no_network(run, page):
    errors = [e for e in page.get_log("browser") if e["level"] != "DEBUG"]
    assert errors == []
    asked = [e["message"] for e in page.get_log("performance")
             if "Network.requestWillBeSent\"" in e["message"]]
    assert len(asked) >= 1
    assert not [m for m in asked if '"url":"http' in m]


def test_title(run, page):
    command = run.model().command.removeprefix("sh -c ")
    assert page.title == command
    assert page.find_element(By.TAG_NAME, "h1").text == command


def test_zoom_and_pan(run, page):
    """By wheel, by dragging, and back by the button."""
    t = run.model()
    length = (t.end - t.begin) / 1000
    begin, end, drawn = seen(page)
    assert (begin, end) == pytest.approx((0, length), abs=1e-3)
    assert drawn == sum(len(x) for x in t.lanes.values()) + \
        sum(len(p.spans) for p in t.shown())
    canvas = page.find_element(By.ID, "timeline")
    page.execute_script("arguments[0].scrollIntoView({block: 'start'})",
                        canvas)
    ActionChains(page).scroll_from_origin(
        ScrollOrigin.from_element(canvas, 0, -50), 0, -600).perform()
    WebDriverWait(page, 30).until(lambda p: seen(p)[1] - seen(p)[0]
                                  < length / 2)
    zoomed = seen(page)
    assert zoomed[2] < drawn
    ActionChains(page).move_to_element(canvas).click_and_hold() \
        .move_by_offset(-200, 0).release().perform()
    WebDriverWait(page, 30).until(lambda p: seen(p)[0] > zoomed[0])
    moved = seen(page)
    assert moved[1] - moved[0] == pytest.approx(zoomed[1] - zoomed[0])
    page.find_element(By.ID, "all").click()
    WebDriverWait(page, 30).until(lambda p: seen(p)[1] == pytest.approx(length))


def cells(page):
    """pid -> column -> what the page says, in one question to the browser."""
    rows = page.execute_script("""
      return [...document.querySelectorAll("#processes tr[data-pid]")].map(
        r => [r.dataset.pid, [...r.querySelectorAll("td")].map(
          c => [c.className, c.innerText.trim()])])""")
    return {int(pid): dict(columns) for pid, columns in rows}


def percentile(values, part):
    return sorted(values)[-(-len(values) * part // 100) - 1]


def test_numbers_are_the_trace_s(run, page):
    """Those that trace.ftrace tells, which cuts each time to 1 us."""
    seen, _ = run.followed
    told = cells(page)
    born = {pid for pid, s in seen.items() if s.made is not None}
    assert born <= set(told) and len(born) > 6
    for pid in born:
        s, c = seen[pid], told[pid]
        for state in ("run", "ready", "blocked"):
            n = sum(x[0] == state for x in s.spans)
            assert float(c[state]) * 1000 == \
                pytest.approx(s.total(state), abs=n + 0.1), (pid, state)
        assert float(c["response"]) * 1000 == \
            pytest.approx(s.first - s.made, abs=1.1), pid
        assert float(c["turnaround"]) * 1000 == \
            pytest.approx(s.ended - s.made, abs=1.1), pid
        assert int(c["switches"]) == s.switches, pid
        assert int(c["wakeups"]) == len(s.latencies), pid
        for part in (50, 99):
            if s.latencies:
                assert float(c[f"p{part}"]) == pytest.approx(
                    percentile(s.latencies, part), abs=1.1), pid


def test_latencies_are_the_trace_s(run, page):
    seen, _ = run.followed
    shown = cells(page)
    found = [n for pid, s in seen.items() if pid in shown for n in s.latencies]
    assert page.find_element(By.ID, "wakeups").text == str(len(found))
    for name, part in (("p50", 50), ("p99", 99), ("max", 100)):
        assert float(page.find_element(By.ID, name).text) == \
            pytest.approx(percentile(found, part), abs=1.1)


def test_plots_are_the_trace_s(run, page):
    """What is drawn of the shares, and of the queue, adds up."""
    seen, over = run.followed
    data = json.loads(page.find_element(By.ID, "data")
                      .get_attribute("textContent"))
    for pid, part in data["shares"].items():
        s = seen[int(pid)]
        if s.made is not None:
            assert sum(part) * data["length"] / len(part) == pytest.approx(
                s.total("run"), abs=s.switches + 0.1), pid
    longest = max(n for at, to, n in stretches(over) if to > at + 1)
    assert max(n for _, n in data["queue"]) >= longest > 1


def stretches(over):
    """(from, to, processes that wait)."""
    return [(a[0], b[0], a[2]) for a, b in zip(over, over[1:])]


def test_invariants_are_the_trace_s(run, page):
    """The longest wait, and how long a hart idled beside one who waits."""
    seen, over = run.followed
    text = {r.find_element(By.TAG_NAME, "td").text: r.text for r in
            page.find_elements(By.CSS_SELECTOR, "#verdicts tr")}
    waits = [to - at for s in seen.values() for state, at, to in s.spans
             if state == "ready"]
    told = re.search(r"longest wait was ([\d.]+) ms", text["nobody starves"])
    assert float(told[1]) * 1000 == pytest.approx(max(waits), abs=2)
    idle = [b[0] - a[0] for a, b in zip(over, over[1:]) if a[1] and a[2]]
    told = re.search(r"for ([\d.]+) ms in all", text["work is conserved"])
    assert float(told[1]) * 1000 == pytest.approx(sum(idle),
                                                   abs=len(idle) + 1)


def test_plots_are_there(run, page):
    for where, shape in (("latency", "rect"), ("shares", "path"),
                         ("queue", "path")):
        found = page.find_elements(By.CSS_SELECTOR, f"#{where} svg {shape}")
        assert len(found) >= 2, where
        marks = [e.text for e in page.find_elements(
            By.CSS_SELECTOR, f"#{where} svg .tick text")]
        assert any(marks) and all(re.fullmatch(r"[\d.,]*", m)
                                  for m in marks), marks


def test_kernel_s_own_count(run):
    """What ps would tell of each process that ran, at its last switch."""
    t = run.model()
    last = {r.pid: r.b for r in t.records if r.type == "switch"}
    rows = [r for r in figures.table(t)
            if t.processes[r["pid"]].began is not None]
    assert len(rows) > 3
    for r in rows:
        assert r["run"] == last[r["pid"]]


# ---- make compare -----------------------------------------------------------

def test_compare_page(browser):
    """The page of make compare: no complaint, the table's numbers, a picture a
    policy; and the README shows such a picture, of the tree as it is."""
    done = make("compare")
    with open(f"{ROOT}/build/compare/table.tsv", encoding="utf-8") as f:
        head, *rows = [line.rstrip("\n").split("\t") for line in f]
    browser.get_log("browser")
    browser.get(f"file://{ROOT}/build/compare/report.html")
    assert [e for e in browser.get_log("browser") if e["level"] != "DEBUG"] == []
    told = [[c.text for c in r.find_elements(By.TAG_NAME, "td")] for r in
            browser.find_elements(By.CSS_SELECTOR, "tr[data-policy]")]
    assert told == rows, done.stdout
    titles = re.findall(TITLE, browser.find_element(By.TAG_NAME, "svg").text)
    assert [t[0] for t in titles] == [r[0] for r in rows]
    assert [t[1:] for t in titles] == [(r[3], r[4], r[7]) for r in rows]
    with open(f"{ROOT}/docs/compare.svg", encoding="utf-8") as f:
        shown = re.findall(TITLE, f.read())
    assert [t[0] for t in shown] == [r[0] for r in rows]
    for kept, now in zip(shown, titles):
        assert float(kept[1]) == pytest.approx(float(now[1]), rel=0.05, abs=1), \
            "make compare && cp build/compare/compare.svg docs/"
        assert float(kept[2]) == pytest.approx(float(now[2]), rel=0.05)


# ---- schedtest, of the same run ----------------------------------------------

def test_schedtest_measured_the_same(browser, tmp_path):
    """What a row of schedtest has measured is what the page shows of that run:
    how long one that woke up had to wait beside four hogs."""
    run = Recorded(tmp_path, "schedtest wake-4", sched="rr", DET=1)
    run.done.ok()
    run.convert()
    longest, waits, half = re.search(
        r"^wake-4 +([\d.]+) ms .* longest of (\d+) waits; half below ([\d.]+),",
        run.done.out, re.M).groups()
    browser.get(f"file://{tmp_path}/report.html")
    told = {k: float(browser.find_element(By.ID, k).text) for k in ("p50", "max")}
    assert told["max"] / 1e3 == pytest.approx(float(longest), abs=0.1)
    t = run.model()
    waker = max(t.shown(), key=lambda p: len(p.wakeups))
    waited = sorted(ran - woken for woken, ran in waker.wakeups)
    assert int(waits) <= len(waited) <= int(waits) + 10
    assert waited[len(waited) // 2] / 1e6 == pytest.approx(float(half), abs=0.1)
    assert waited[-1] / 1e6 == pytest.approx(float(longest), abs=0.1)
    row = browser.find_element(By.CSS_SELECTOR, f"tr[data-pid='{waker.pid}']")
    ready = float(row.find_elements(By.TAG_NAME, "td")[3].text)
    assert ready == pytest.approx(sum(waited) / 1e6, rel=0.02)
