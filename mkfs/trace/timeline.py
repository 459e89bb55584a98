"""The trace as a picture: a lane a hart, a lane a process.

A running process is a full bar in its colour, a ready one a thin orange bar,
a blocked one a grey line.  Spans too short to be seen share a pixel, which is
as dark as they fill it.
"""

from xml.sax.saxutils import escape

LEFT, WIDTH, RIGHT, TOP = 150, 1100, 30, 78
READY, BLOCKED, IDLE = "#f0a030", "#c4c8cc", "#e3e6e9"
OTHERS = "#999"
# Colours that differ in hue and in brightness, by turns.
COLOURS = ["#1f5fa8", "#2e8b57", "#a83279", "#6b4fbb", "#b3541e", "#007f8c",
           "#5b7a1f", "#c0392b", "#34495e", "#8e6c00", "#3f7fd0", "#4fae7a",
           "#cf6aa5", "#927be0", "#d98050", "#30a9b5"]
SEEN = 0.6      # pixels that a bar needs to be drawn as one


def lane_height(n):
    """And its letters, for n processes."""
    return (22, 12) if n <= 12 else (15, 10) if n <= 32 else (11, 8.5)


def steps(length):
    """A distance of marks, 1, 2 or 5 times a power of ten: 5 to 12 of them."""
    step = 1
    while True:
        for k in (1, 2, 5):
            if length / (step * k) <= 12:
                return step * k
        step *= 10


def unit(step):
    """The name of a unit of time for such steps, and its length in ns."""
    for name, ns in (("s", 10**9), ("ms", 10**6), ("µs", 10**3)):
        if step >= ns:
            return name, ns
    return "ns", 1


def colours(shown):
    return {p.pid: COLOURS[i % len(COLOURS)] for i, p in enumerate(shown)}


def about(t):
    """The policy and the machine, in a line."""
    values = " ".join(f"{k}={v / 1e6:g}ms" if kind == "ns" else f"{k}={v}"
                      for k, (v, kind) in t.params.items())
    lost = f", {t.lost} events before were lost" if t.lost else ""
    return (f"{t.policy} ({values}), {t.runq}, "
            f"{t.harts} hart{'s' if t.harts > 1 else ''}{lost}")


class Picture:
    def __init__(self, trace):
        self.trace = trace
        self.span = max(trace.end - trace.begin, 1)
        self.out = []
        self.y = TOP
        shown = trace.shown()
        self.colour = colours(shown)
        self.names = {p.pid: p.label() for p in shown}

    def x(self, time):
        return LEFT + (time - self.trace.begin) / self.span * WIDTH

    def put(self, text):
        self.out.append(text)

    def text(self, x, y, text, size=12, anchor="start", colour="#222"):
        self.put(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
                 f'text-anchor="{anchor}" fill="{colour}">{escape(text)}'
                 '</text>')

    def rect(self, x, y, w, h, colour, title="", opacity=1.0):
        faint = f' fill-opacity="{opacity:.2f}"' if opacity < 0.995 else ""
        tip = f"<title>{escape(title)}</title>" if title else ""
        self.put(f'<rect x="{x:.2f}" y="{y:.1f}" width="{w:.2f}" '
                 f'height="{h:.1f}" fill="{colour}"{faint}>{tip}</rect>')

    # --- lanes ---------------------------------------------------------------

    def bars(self, spans, y, h, colour_of, title_of):
        """Spans of one state; those too short are summed up by the pixel."""
        pixels = {}
        for s in spans:
            x, w = self.x(s.begin), self.x(s.end) - self.x(s.begin)
            if w >= SEEN:
                self.rect(x, y, w, h, colour_of(s), title_of(s))
            else:
                key = (int(x), colour_of(s))
                pixels[key] = pixels.get(key, 0) + w
        for (x, colour), w in sorted(pixels.items()):
            self.rect(x, y, 1, h, colour, opacity=min(1, max(w, 0.15)))

    def when(self, s):
        name, ns = unit(s.end - s.begin)
        return (f"at {(s.begin - self.trace.begin) / 1e6:.4f} ms for "
                f"{(s.end - s.begin) / ns:.4g} {name}")

    def hart(self, h, height, size):
        self.text(LEFT - 8, self.y + height * 0.72, f"hart {h}", size, "end")
        self.rect(LEFT, self.y + 1, WIDTH, height - 3, IDLE)
        self.bars(self.trace.lanes[h], self.y + 1, height - 3,
                  lambda s: self.colour.get(s.who, OTHERS),
                  lambda s: f"{self.names.get(s.who, 'pid %d' % s.who)} "
                            + self.when(s))
        self.y += height

    def process(self, p, height, size):
        self.text(LEFT - 8, self.y + height * 0.72, p.label(), size, "end")
        y, h = self.y + 1, height - 3
        by = {state: [s for s in p.spans if s.state == state]
              for state in ("blocked", "ready", "run")}
        self.bars(by["blocked"], y + h / 2 - 0.7, 1.4, lambda s: BLOCKED,
                  lambda s: "blocked " + self.when(s))
        self.bars(by["ready"], y + h * 0.3, h * 0.4, lambda s: READY,
                  lambda s: "ready " + self.when(s))
        self.bars(by["run"], y, h, lambda s: self.colour[p.pid],
                  lambda s: f"runs on hart {s.who} " + self.when(s))
        self.y += height

    # --- what is around -------------------------------------------------------

    def head(self):
        t = self.trace
        self.text(10, 20, t.command.removeprefix("sh -c "), 15)
        self.text(10, 37, about(t), 11, colour="#555")
        self.legend(10, 46)

    def legend(self, x, y):
        for what, colour, top, h in (("runs, each in its colour", COLOURS[0],
                                      0, 10),
                                     ("ready, waits for a hart", READY, 3, 4),
                                     ("blocked", BLOCKED, 4.3, 1.4),
                                     ("hart is idle", IDLE, 0, 10),
                                     ("others", OTHERS, 0, 10)):
            self.rect(x, y + top, 22, h, colour)
            self.text(x + 27, y + 9, what, 10, colour="#555")
            x += 42 + 5.2 * len(what)

    def axis(self, top):
        """Marks from top down to here, behind what was drawn."""
        step = steps(self.span)
        name, ns = unit(step)
        marks = []
        for i in range(int(self.span // step) + 1):
            x = self.x(self.trace.begin + i * step)
            marks.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" '
                         f'y2="{self.y + 4}" stroke="#dde1e5"/>')
            for y in (top - 4, self.y + 17):
                self.text(x, y, f"{i * step / ns:g}", 10, "middle")
        self.text(LEFT + WIDTH, self.y + 31, f"time in {name}", 10, "end")
        return marks

    def draw(self):
        shown = self.trace.shown()
        height, size = lane_height(len(shown))
        self.head()
        at = len(self.out)
        for h in range(self.trace.harts):
            self.hart(h, height, size)
        self.y += 10
        for p in shown:
            self.process(p, height, size)
        self.out[at:at] = self.axis(TOP)
        return self.y + 40


def write(trace, out):
    picture = Picture(trace)
    height = picture.draw()
    width = LEFT + WIDTH + RIGHT
    out.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
              f'height="{height:.0f}" viewBox="0 0 {width} {height:.0f}" '
              'font-family="sans-serif">\n'
              f'<rect width="{width}" height="{height:.0f}" fill="white"/>\n')
    out.write("\n".join(picture.out))
    out.write("\n</svg>\n")
