// Small SVG charts: lines, points with ranges, and histograms.
"use strict";

const CHART = { width: 360, height: 220, left: 44, right: 10, top: 10, bottom: 34 };

function ticks(low, high, count = 5) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step) found.push(Number(tick.toPrecision(12)));
  return found;
}

const tickText = (value) => (Math.abs(value) >= 10000 ? `${value / 1000}k` : `${value}`);

// Draws the axes of a chart. `x` and `y` are [low, high]; `names` replaces the numbers on the x axis. Returns the
// picture and the functions that convert values to picture coordinates.
function axes(x, y, xTitle, yTitle, names = null) {
  const { width, height, left, right, top, bottom } = CHART;
  const toX = (value) => left + ((value - x[0]) / (x[1] - x[0] || 1)) * (width - left - right);
  const toY = (value) => height - bottom - ((value - y[0]) / (y[1] - y[0] || 1)) * (height - top - bottom);
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}` });
  for (const tick of ticks(...y)) {
    picture.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: toY(tick), y2: toY(tick) }));
    picture.append(svg("text", { x: left - 5, y: toY(tick) + 4, "text-anchor": "end" }, tickText(tick)));
  }
  const below = names ? names.map((name, i) => [i, name]) : ticks(...x).map((tick) => [tick, tickText(tick)]);
  for (const [tick, text] of below) {
    picture.append(svg("text", { x: toX(tick), y: height - bottom + 14, "text-anchor": "middle" }, text));
  }
  picture.append(svg("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, xTitle));
  picture.append(svg("text", { x: 10, y: top + 2, transform: `rotate(-90 10 ${height / 2})`, "text-anchor": "middle", dx: -0, dy: height / 2 - top - 2 }, yTitle));
  return { picture, toX, toY };
}

// Draws lines. `series` is [{name, x, y}], at most three of them.
function lineChart(series, xTitle, yTitle, yRange = null) {
  const xs = series.flatMap((each) => each.x);
  const ys = series.flatMap((each) => each.y);
  const chart = axes([Math.min(...xs), Math.max(...xs)], yRange || [Math.min(0, ...ys), Math.max(...ys)], xTitle, yTitle);
  series.forEach((each, i) => {
    const points = each.x.map((x, j) => `${chart.toX(x).toFixed(1)},${chart.toY(each.y[j]).toFixed(1)}`).join(" ");
    chart.picture.append(svg("polyline", { class: `series series${i}`, points }));
  });
  const legend = series.map((each, i) =>
    html("span", { style: `color: var(--${["middle", "link", "on"][i]})` }, `— ${each.name}`),
  );
  return html("div", {}, chart.picture, html("div", { class: "legend" }, legend));
}

// Draws points with vertical ranges. `points` is [{x, y, low, high, title}] with y, low and high in percent; `guide` adds
// the diagonal.
function rangeChart(points, xTitle, yTitle, names = null, guide = null) {
  const range = names ? [-0.5, names.length - 0.5] : [0, 100];
  const chart = axes(range, [0, 100], xTitle, yTitle, names);
  const { picture, toX, toY } = chart;
  if (guide) picture.append(svg("line", { class: "guide", x1: toX(0), y1: toY(0), x2: toX(100), y2: toY(100) }));
  for (const point of points) {
    const x = toX(point.x);
    picture.append(svg("line", { class: "range", x1: x, x2: x, y1: toY(point.low), y2: toY(point.high) }));
    picture.append(svg("circle", { class: "mark", cx: x, cy: toY(point.y), r: 4 }, svg("title", {}, point.title)));
  }
  return picture;
}

// Draws a histogram. `bars` is [{from, to, count}].
function histogram(bars, xTitle, yTitle) {
  const most = Math.max(...bars.map((bar) => bar.count), 1);
  const { picture, toX, toY } = axes([bars[0].from, bars[bars.length - 1].to], [0, most], xTitle, yTitle);
  for (const bar of bars) {
    const size = { x: toX(bar.from) + 0.5, width: Math.max(1, toX(bar.to) - toX(bar.from) - 1) };
    const title = svg("title", {}, `${bar.from} to ${bar.to}: ${bar.count}`);
    picture.append(svg("rect", { class: "bar", ...size, y: toY(bar.count), height: toY(0) - toY(bar.count) }, title));
  }
  return picture;
}
