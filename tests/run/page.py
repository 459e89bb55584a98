"""The pictures of make compare: for each policy who ran when, side by side, drawn
by gnuplot; and a page of them with the table, which needs no network."""

import html
import subprocess

COLOURS = ["#2a78b5", "#e07b39", "#3f9b53", "#c44e52", "#8064a2", "#8c6d46",
           "#d17fb0", "#6b7280", "#a3a82d", "#2fa3a8"]
MOST = 12           # tasks that are drawn
WIDE, HIGH = 900, 17  # pixels: the picture; a task's row


def names_of(played):
    """Names of the tasks that are drawn, the first in the file on top."""
    names = [t.name for t in next(iter(played.values())).tasks]
    return names[:MOST]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def boxes(name, policy, played, names):
    """gnuplot's data: a thin line while a task was there, a box when it ran."""
    row = {task: len(names) - 1 - i for i, task in enumerate(names)}
    lines = [f"${name} << END"]
    for t in played.tasks:
        if t.name in row and t.start is not None:
            end = t.end if t.end is not None else max(
                p.end for p in played.pieces)
            y = row[t.name]
            lines.append(f"{t.start / 1e3} {y} {t.start / 1e3} {end / 1e3} "
                         f"{y - 0.04} {y + 0.04} 0xbbbbbb")
    for p in played.pieces:
        if p.task in row:
            y = row[p.task]
            colour = COLOURS[names.index(p.task) % len(COLOURS)]
            lines.append(f"{p.begin / 1e3} {y} {p.begin / 1e3} {p.end / 1e3} "
                         f"{y - 0.4} {y + 0.4} 0x{colour[1:]}")
    return "\n".join([*lines, "END"])


def title(policy, row):
    response, turnaround = row[3], row[4]
    return f"{policy}: response {response} ms, turnaround {turnaround} ms, " \
           f"{row[7]} switches"


def draw(path, work, rows, played):
    """path: an SVG with a panel for each policy. rows: the table's."""
    names = names_of(played)
    policies = list(played)
    last = max(p.end for one in played.values() for p in one.pieces) / 1e3
    panel = HIGH * len(names) + 26
    high = panel * len(policies) + 60
    script = [f"set terminal svg size {WIDE},{high} font 'sans-serif,11' "
              "background '#ffffff'",
              f"set output {quoted(path)}", "unset key",
              "set style fill solid 1.0 noborder", f"set xrange [0:{last}]",
              f"set yrange [-0.6:{len(names) - 0.4}]", "set tics scale 0.4",
              "set ytics (" + ", ".join(
                  f"{quoted(n)} {len(names) - 1 - i}"
                  for i, n in enumerate(names)) + ") nomirror",
              "set border 3 lc '#888888'", "set xtics nomirror",
              "set lmargin at screen 0.10", "set rmargin at screen 0.98"]
    for i, policy in enumerate(policies):
        script.append(boxes(f"data{i}", policy, played[policy], names))
    script.append("set multiplot")
    for i, (policy, row) in enumerate(zip(policies, rows)):
        top = 1 - (i * panel + 20) / high
        bottom = 1 - ((i + 1) * panel - 4) / high
        script += [f"set tmargin at screen {top:.5f}",
                   f"set bmargin at screen {bottom:.5f}",
                   f"set title {quoted(title(policy, row))} offset 0,-0.8",
                   "set format x " + ('"%g"' if i == len(policies) - 1 else '""'),
                   "set xlabel " + (quoted(f"ms ({work})")
                                    if i == len(policies) - 1 else '""'),
                   f"plot $data{i} using 1:2:3:4:5:6:7 with boxxyerror "
                   "lc rgb variable"]
    script.append("unset multiplot")
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True,
                   check=True)


STYLE = """body { font: 15px sans-serif; margin: 2em; max-width: 1000px }
table { border-collapse: collapse; margin: 1em 0 }
td, th { border: 1px solid #ccc; padding: 3px 9px; text-align: right }
td:first-child, th:first-child { text-align: left }
.best { font-weight: bold } pre { background: #f4f4f4; padding: 1em }"""

MEANING = {
    "ended": "tasks that ended, of all",
    "per_s": "of them, a second",
    "response": "ms until a task first ran, the mean",
    "turnaround": "ms from start to end, the mean",
    "wait": "ms ready and not running, the mean",
    "fairness": "Jain's index; 1: all had the same part of what they wanted",
    "switches": "times that a task was picked",
    "sched": "instructions in the scheduler",
    "each": "the same, for each switch",
}


def best(rows, column):
    """What is best in a column that has a best: high or low."""
    values = [float(r[column]) for r in rows if r[column] not in "-"]
    return f"{(max if column in (2, 6) else min)(values):.3f}" if values else ""


def table(columns, rows):
    head = "".join(f'<th title="{html.escape(MEANING.get(c, ""))}">{c}</th>'
                   for c in columns)
    body = ""
    for r in rows:
        cells = "".join(
            f"<td{' class=best' if 2 <= i <= 6 and r[i] == best(rows, i) else ''}>"
            f"{html.escape(v)}</td>" for i, v in enumerate(r))
        body += f'<tr data-policy="{html.escape(r[0])}">{cells}</tr>\n'
    return f"<table><tr>{head}</tr>\n{body}</table>"


def write(path, svg, work, columns, rows, workload):
    with open(svg, encoding="utf-8") as f:
        picture = f.read()
    picture = picture[picture.index("<svg"):]
    meanings = "".join(f"<dt>{c}<dd>{html.escape(m)}" for c, m in
                       MEANING.items())
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"""<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>{html.escape(work)} under {len(rows)} policies</title>
<style>{STYLE}</style>
<h1>{html.escape(work)} under {len(rows)} policies</h1>
<p>The same workload on the same kernel, one hart, runs that repeat. Coloured: a
task has the hart. Grey: it is there and has not. Bold: the best of a column.</p>
{table(columns, rows)}
{picture}
<dl>{meanings}</dl>
<h2>The workload</h2>
<pre>{html.escape(workload)}</pre>
</html>
""")
