// timeline.js - lanes of time on a canvas, with zoom and pan, for report.html
// and for the page that compares policies.
//
// data.lanes: { label, kind, spans: [[from, to, state, who], ..], pid }, by
// time, in us from the beginning; kind "hart", "process", or "group", a heading.
// What it shows stands in the canvas' data attributes, for whoever looks at the
// page by program.

"use strict";

// Times in the unit that fits what is seen.
function time(domain) {
  const span = domain[1] - domain[0];
  const [unit, us] = span > 2e6 ? ["s", 1e6] : span > 2e3 ? ["ms", 1e3] : ["µs", 1];
  return { unit, us };
}

function timeline(data) {
  const left = 150, width = 1180, right = 10;
  const tall = data.lanes.length <= 16 ? 22 : data.lanes.length <= 48 ? 16 : 12;
  const colour = pid => data.colours[pid] || "#999";
  const canvas = document.getElementById("timeline");
  const ctx = canvas.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  const height = data.lanes.length * tall + 4;
  canvas.width = width * ratio; canvas.height = height * ratio;
  canvas.style.width = width + "px"; canvas.style.height = height + "px";
  const whole = d3.scaleLinear().domain([0, data.length]).range([left, width - right]);
  let x = whole;
  const above = d3.select("#axis").append("svg").attr("width", width).attr("height", 36);
  const marks = above.append("g").attr("class", "axis").attr("transform", "translate(0,34)");
  const unit = above.append("text").attr("x", width - right).attr("y", 12)
    .attr("text-anchor", "end").attr("font-size", 11);

  function axis() {
    const t = time(x.domain());
    const scale = x.copy().domain(x.domain().map(at => at / t.us));
    marks.call(d3.axisTop(scale).ticks(10));
    unit.text("time in " + t.unit);
    ctx.fillStyle = "#e8ebee";
    for (const at of scale.ticks(10))
      ctx.fillRect(Math.round(scale(at)), 0, 1, height);
  }

  function bar(span, y, lane) {
    const [from, to, state, who] = span;
    const a = Math.max(x(from), left), b = Math.min(x(to), width - right);
    if (b <= left || a >= width - right) return 0;
    if (state === "blocked") {
      ctx.fillStyle = "#c4c8cc"; ctx.fillRect(a, y + tall / 2 - 1, b - a, 1.5);
    } else if (state === "ready") {
      ctx.fillStyle = "#f0a030"; ctx.fillRect(a, y + tall * 0.32, Math.max(b - a, 0.5), tall * 0.3);
    } else {
      ctx.fillStyle = colour(lane.kind === "hart" ? who : lane.pid);
      ctx.fillRect(a, y + 1, Math.max(b - a, 0.5), tall - 3);
    }
    return 1;
  }

  function row(lane, y) {
    let n = 0;
    if (lane.kind === "group") {
      ctx.font = "bold 13px sans-serif"; ctx.textAlign = "left";
      ctx.fillStyle = "white"; ctx.fillRect(0, y, width, tall);
      ctx.fillStyle = "#222"; ctx.fillText(lane.label, 4, y + tall * 0.76);
      return 0;
    }
    ctx.font = Math.min(12, tall - 2) + "px sans-serif"; ctx.textAlign = "right";
    ctx.fillStyle = "#222"; ctx.fillText(lane.label, left - 8, y + tall * 0.72);
    if (lane.kind === "hart") {
      ctx.fillStyle = "#e3e6e9"; ctx.fillRect(left, y + 1, width - right - left, tall - 3);
    }
    for (const state of ["blocked", "ready", "run"])
      for (const s of lane.spans)
        if (s[2] === state)
          n += bar(s, y, lane);
    return n;
  }

  function draw() {
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    axis();
    canvas.dataset.drawn = d3.sum(data.lanes, (lane, i) => row(lane, i * tall));
    canvas.dataset.from = x.domain()[0]; canvas.dataset.to = x.domain()[1];
  }

  const box = [[left, 0], [width - right, height]];
  const zoom = d3.zoom().scaleExtent([1, Math.max(1, data.length)])
    .translateExtent(box).extent(box)
    .on("zoom", () => { x = d3.event.transform.rescaleX(whole); draw(); });
  const view = d3.select(canvas).call(zoom);
  d3.select("#in").on("click", () => view.call(zoom.scaleBy, 2));
  d3.select("#out").on("click", () => view.call(zoom.scaleBy, 0.5));
  d3.select("#all").on("click", () => view.call(zoom.transform, d3.zoomIdentity));

  function told(lane, s) {
    const what = lane.kind === "process" ? s[2] : data.names[s[3]] || "pid " + s[3];
    return lane.label + ": " + what + " from " + (s[0] / 1e3).toFixed(4) + " ms for " +
      ((s[1] - s[0]) / 1e3).toFixed(4) + " ms";
  }

  canvas.addEventListener("mousemove", e => {
    const at = canvas.getBoundingClientRect();
    const lane = data.lanes[Math.floor((e.clientY - at.top) / tall)];
    const t = x.invert(e.clientX - at.left);
    const s = lane && lane.spans.find(span => span[0] <= t && t < span[1]);
    document.getElementById("tip").textContent = s ? told(lane, s) : "";
  });
  draw();
}
