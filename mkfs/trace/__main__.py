"""python3 mkfs/trace FILE FOLDER: what a file of the guest's `trace` shows.

Writes into FOLDER
  trace.ftrace   text as Linux's ftrace writes it, for Perfetto and scripts
  trace.json     Chrome trace events, with counters
  timeline.svg   a lane a hart and a lane a process
  report.html    all of it with figures, on a page
  events.txt     every record, a line each

and says on one line what it was.  FILE - is standard input.
"""

import os
import sys

import chrome
import events
import ftrace
import model
import report
import timeline

WRITERS = {"trace.ftrace": ftrace.write, "trace.json": chrome.write,
           "timeline.svg": timeline.write, "report.html": report.write,
           "events.txt": events.write}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n")[0])
    try:
        if sys.argv[1] == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(sys.argv[1], "rb") as f:
                data = f.read()
        trace = model.read(data)
    except (OSError, model.Damaged) as e:
        sys.exit(f"{sys.argv[1]}: {e}")
    os.makedirs(sys.argv[2], exist_ok=True)
    written = []
    for name, write in WRITERS.items():
        path = os.path.join(sys.argv[2], name)
        with open(path, "w", encoding="utf-8") as f:
            done = write(trace, f)
        if done is False:
            os.unlink(path)
            print(f"no {name}: D3 is missing; \"make setup trace\" installs it",
                  file=sys.stderr)
        else:
            written.append(name)
    print(f"{len(trace.records)} events, {trace.lost} lost, "
          f"{(trace.end - trace.begin) / 1e6:.3f} ms, {trace.policy}, "
          f"{trace.harts} harts: {sys.argv[2]}/ has {' '.join(written)}")


main()
