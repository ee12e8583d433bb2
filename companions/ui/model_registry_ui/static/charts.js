
// 9. Curves: a line with all values at a place, by pointer or by the arrow keys. Shift makes the arrows work where they also scroll.
const SVG = "http://www.w3.org/2000/svg";

const scaleOf = (text) => {
  const [low, high, kind] = text.split(" ");
  const [from, to] = [Number(low), Number(high)];
  return { kind, value: (part) => (kind === "log" ? from * (to / from) ** part : from + part * (to - from)), span: to - from };
};

const readCurves = (svg) => {
  const [left, top, right, bottom] = svg.dataset.box.split(" ").map(Number);
  const curves = new Map();
  for (const path of svg.querySelectorAll("path.curve:not(.raw), circle.dot")) {
    const key = [...path.classList].find((name) => /^s\d+$/.test(name));
    const points = path.matches("circle") ? [[path.getAttribute("cx"), path.getAttribute("cy")]] : path.getAttribute("d").slice(1).split(" ").map((pair) => pair.split(","));
    curves.set(key, [...(curves.get(key) ?? []), ...points.map(([x, y]) => [Number(x), Number(y)])]);
  }
  const names = new Map([...svg.querySelectorAll("text.end")].map((text) => [[...text.classList].find((name) => /^s\d+$/.test(name)), text.querySelector("title")?.textContent ?? text.textContent]));
  return { left, top, right, bottom, curves, names, across: scaleOf(svg.dataset.x), up: scaleOf(svg.dataset.y) };
};

const inWords = (value, scale) => {
  if (scale.kind === "time") return new Date(value).toLocaleString();
  if (scale.kind === "since") return `${Math.round(value / 1000)} s`;
  if (scale.kind === "step") return `step ${Math.round(value)}`;
  if (scale.kind === "log") return value.toPrecision(3);
  return value.toFixed(Math.min(Math.max(0, Math.ceil(-Math.log10(scale.span / 1000))), 12));
};

const point = (svg, wanted) => {
  const read = readCurves(svg);
  const places = [...read.curves.values()].flat().map(([x]) => x);
  if (!places.length) return;
  const x = places.reduce((best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best));
  let line = svg.querySelector(".pointer");
  if (!line) {
    line = svg.appendChild(document.createElementNS(SVG, "line"));
    line.setAttribute("class", "pointer");
  }
  for (const [name, value] of Object.entries({ x1: x, x2: x, y1: read.top, y2: read.bottom })) line.setAttribute(name, value);
  svg.dataset.at = x;
  const said = [];
  for (const [key, points] of read.curves) {
    const near = points.find((one) => Math.abs(one[0] - x) < 0.6);
    if (near) said.push(`${read.names.get(key) ?? ""} ${inWords(read.up.value((read.bottom - near[1]) / (read.bottom - read.top)), read.up)}`.trim());
  }
  const at = inWords(read.across.value((x - read.left) / (read.right - read.left)), read.across);
  let output = svg.parentElement.querySelector(".chart-values");
  if (!output) {
    output = svg.parentElement.appendChild(document.createElement("p"));
    output.className = "chart-values";
    output.setAttribute("aria-live", "polite");
  }
  output.textContent = `${at}, about: ${said.join("; ")}`;
};

const inChart = (svg, event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());

document.addEventListener("pointermove", (event) => {
  const svg = event.target.closest?.("svg.chart[data-x]");
  if (svg) point(svg, inChart(svg, event).x);
});

document.addEventListener("keydown", (event) => {
  const region = event.target.closest?.(".chart-scroll");
  const svg = region?.querySelector("svg.chart[data-x]");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!svg || !step || (region.scrollWidth > region.clientWidth && !event.shiftKey)) return;
  event.preventDefault();
  const places = [...new Set([...readCurves(svg).curves.values()].flat().map(([x]) => x))].sort((a, b) => a - b);
  const now = svg.dataset.at === undefined ? (step > 0 ? -1 : places.length) : places.indexOf(Number(svg.dataset.at));
  point(svg, places[Math.min(Math.max(now + step, 0), places.length - 1)]);
});

// 10. Parallel coordinates: dragging along an axis sets its range, in the form below the chart.
let drag = null;

document.addEventListener("pointerdown", (event) => {
  const svg = event.target.closest?.("svg.chart[data-axes]");
  if (!svg || event.pointerType === "touch") return;
  const at = inChart(svg, event);
  const axes = svg.dataset.axes.split(";").map((text) => text.split(" "));
  const number = axes.findIndex(([x, low]) => low !== "" && Math.abs(Number(x) - at.x) < 14);
  if (number < 0) return;
  event.preventDefault();
  drag = { svg, number, axis: axes[number], from: at.y };
});

document.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { svg, number, axis, from } = drag;
  drag = null;
  const [, top, , bottom] = svg.dataset.box.split(" ").map(Number);
  const scale = scaleOf(axis.slice(1).join(" "));
  const [low, high] = [from, inChart(svg, event).y].sort((a, b) => b - a).map((y) => scale.value(Math.min(Math.max((bottom - y) / (bottom - top), 0), 1)));
  const fields = ["low", "high"].map((name) => document.getElementById(`${name}-${number + 1}`));
  if (!fields.every(Boolean)) return;
  const isClick = Math.abs(from - inChart(svg, event).y) < 4;
  [low, high].forEach((value, index) => { fields[index].value = isClick ? "" : Number(value.toPrecision(6)); });
  fields[0].form.requestSubmit();
});
