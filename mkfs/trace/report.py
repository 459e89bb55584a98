"""The trace as one page that needs no network: report.html.

What is counted is counted here (figures.py); the page's own script only draws
it, by D3, a library that Debian has as node-d3 and that is copied into the
page.
"""

import html
import json
import os
import re

import figures
import timeline

D3 = ["/usr/share/nodejs/d3/dist/d3.min.js",
      "/usr/share/javascript/d3/d3.min.js"]
HERE = os.path.dirname(os.path.abspath(__file__))


def library():
    for path in D3:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                text = f.read()
            if "d3js.org v5" in text[:100]:
                return text
    return None


def beside(name):
    """The text of a file of this folder."""
    with open(f"{HERE}/{name}", encoding="utf-8") as f:
        return f.read()


def fill(page, parts, out):
    """Write the page with each @NAME@ replaced; what comes in is left as it
    is."""
    parts["TIMELINE"] = beside("timeline.js")
    for piece in re.split("(@[A-Z0-9]+@)", page):
        out.write(parts.get(piece.strip("@"), piece))


# The columns of the processes, and how many ns are one of what they show;
# 0: they count.
COLUMNS = {"run": 10**6, "ready": 10**6, "blocked": 10**6, "switches": 0,
           "response": 10**6, "turnaround": 10**6, "wakeups": 0,
           "p50": 10**3, "p99": 10**3, "max": 10**3}


def number(value, unit):
    if value is None:
        return ""
    return f"{value / unit:.{4 if unit > 10**3 else 1}f}" if unit \
        else str(value)


def process_rows(rows, colours):
    for r in rows:
        cells = "".join(f'<td class="{k}">{number(r[k], unit)}</td>'
                        for k, unit in COLUMNS.items())
        yield (f'<tr data-pid="{r["pid"]}"><td><i style="background:'
               f'{colours[r["pid"]]}"></i>{r["pid"]}</td>'
               f'<td>{html.escape(r["name"])}</td>{cells}</tr>')


def verdict_rows(trace):
    words = {True: "ok", False: "FAIL", None: "-"}
    for v in figures.verdicts(trace):
        yield (f'<tr class="{words[v.ok]}"><td>{v.name}</td>'
               f"<td>{words[v.ok]}</td><td>{html.escape(v.text)}</td></tr>")


def latency_text(trace):
    f = figures.latency_figures(trace.shown())
    if not f["wakeups"]:
        return "Nobody was woken."
    return (f'<b id="wakeups">{f["wakeups"]}</b> wake-ups, from waking to '
            "running: " + ", ".join(
                f'{k} <b id="{k}">{number(f[k], 10**3)}</b> µs'
                for k in ("p50", "p99", "max")))


def drawn(trace, colours):
    """What the page's script draws; times in µs from the beginning."""
    def at(ns):
        return (ns - trace.begin) / 1000

    def lane(label, spans, kind):
        return {"label": label, "kind": kind, "spans": [
            [at(s.begin), at(s.end), s.state, s.who] for s in spans]}

    lanes = [lane(f"hart {h}", spans, "hart")
             for h, spans in trace.lanes.items()]
    lanes += [dict(lane(p.label(), p.spans, "process"), pid=p.pid)
              for p in trace.shown()]
    return {"length": at(trace.end), "lanes": lanes, "colours": colours,
            "names": {p.pid: p.label() for p in trace.shown()},
            "latencies": [n / 1000 for n in figures.latencies(trace.shown())],
            "shares": figures.shares(trace),
            "queue": [[at(t), n] for t, n in figures.queue_length(trace)]}


def write(trace, out):
    """The page; False if there is no D3."""
    d3 = library()
    if d3 is None:
        return False
    page = beside("report.html")
    colours = timeline.colours(trace.shown())
    command = trace.command.removeprefix("sh -c ")
    parts = {
        "TITLE": html.escape(command),
        "POLICY": html.escape(timeline.about(trace)),
        "BUILD": html.escape(f"kernel {trace.build}, text {trace.text}, seed "
                             f"{trace.seed}, {len(trace.records)} events"),
        "PROCESSES": "\n".join(process_rows(figures.table(trace), colours)),
        "VERDICTS": "\n".join(verdict_rows(trace)),
        "LATENCY": latency_text(trace),
        "DATA": json.dumps(drawn(trace, colours),
                           separators=(",", ":")).replace("<", "\\u003c"),
        "D3": d3}
    fill(page, parts, out)
    return True
