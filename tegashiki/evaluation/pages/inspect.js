// Inks as stored in their files and as the model gets them: points, simplified lines, symbols, labels. For pictures also
// the picture and its reading.
"use strict";

const data = pageData();
const page = document.getElementById("page");

// --- the preprocessing of tegashiki.ink.preprocess, for any epsilon

function strokePoints(stroke) {
  const numbers = stroke.split(" ").map(Number);
  const points = [[numbers[0], numbers[1]]];
  for (let i = 2; i < numbers.length; i += 2) {
    const [x, y] = points[points.length - 1];
    points.push([x + numbers[i], y + numbers[i + 1]]);
  }
  return points;
}

function strokeSize(points) {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

// Ramer-Douglas-Peucker simplification by distance to the line. Epsilon is relative to the size of the stroke.
function simplified(points, epsilon) {
  const limit = epsilon * (strokeSize(points) || 1);
  const kept = new Set([0, points.length - 1]);
  const open = [[0, points.length - 1]];
  while (open.length) {
    const [first, last] = open.pop();
    const [ax, ay] = points[first];
    const [dx, dy] = [points[last][0] - ax, points[last][1] - ay];
    const length = Math.hypot(dx, dy);
    let [farthest, index] = [0, -1];
    for (let i = first + 1; i < last; i++) {
      const [px, py] = [points[i][0] - ax, points[i][1] - ay];
      const distance = length ? Math.abs(dx * py - dy * px) / length : Math.hypot(px, py);
      if (distance > farthest) [farthest, index] = [distance, i];
    }
    if (farthest > limit) {
      kept.add(index);
      open.push([first, index], [index, last]);
    }
  }
  return [...kept].sort((a, b) => a - b).map((i) => points[i]);
}

// Returns `count` points evenly spaced along a line.
function evenly(points, count) {
  const along = [0];
  for (let i = 1; i < points.length; i++) {
    along.push(along[i - 1] + Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]));
  }
  const total = along[along.length - 1];
  if (!total) return [points[0]];
  const found = [];
  for (let i = 0, j = 0; i < count; i++) {
    const place = (total * i) / (count - 1);
    while (j < points.length - 2 && along[j + 1] < place) j++;
    const part = (place - along[j]) / (along[j + 1] - along[j] || 1);
    found.push([0, 1].map((axis) => points[j][axis] + part * (points[j + 1][axis] - points[j][axis])));
  }
  return found;
}

const VIEWS = {
  "": ["original points", (points) => points],
  rdp: ["after RDP simplification", (points, epsilon) => simplified(points, epsilon)],
  model: ["model input", (points, epsilon) => evenly(simplified(points, epsilon), data.points)],
};

// --- drawing

function symbolColour(ink, stroke) {
  const group = ink.groups.findIndex((each) => each.strokes.includes(stroke));
  return group < 0 ? "var(--faint)" : `hsl(${(group * 137.5) % 360} 65% 50%)`;
}

// Draws an ink in the selected view and returns the number of points.
function drawPoints(picture, ink) {
  const [, pointsOf] = VIEWS[view.value];
  const paths = [...picture.querySelectorAll("path")];
  picture.querySelectorAll("circle").forEach((each) => each.remove());
  let total = 0;
  ink.strokes.forEach((stroke, i) => {
    const points = pointsOf(strokePoints(stroke), Number(epsilon.value));
    total += points.length;
    const line = points.map((point) => point.map((value) => Math.round(value)).join(" "));
    paths[i].setAttribute("d", `M${line.join("L")}${line.length === 1 ? "h0" : ""}`);
    paths[i].style.stroke = colour.value ? symbolColour(ink, i) : strokeColour(i, ink.strokes.length);
    if (dots.checked) {
      picture.append(...points.map(([cx, cy]) => svg("circle", { cx, cy, r: ink.unit / 30 })));
    }
  });
  return total;
}

// Returns the picture that an ink was traced from, null if it was not.
function drawPreview(ink) {
  return ink.preview ? html("img", { class: "preview", src: ink.preview, alt: `the picture ${ink.name}` }) : null;
}

function drawCell(ink) {
  if (!ink.strokes) return html("div", { class: "cell" }, html("div", { class: "problem" }, `${ink.name}: ${ink.problem}`));
  const picture = drawInk(ink);
  const label = html("div", { class: "tokens", title: ink.reading.tokens }, ink.reading.tokens || "no label");
  const link = { class: "cell", href: `#ink=${encodeURIComponent(ink.name)}`, title: ink.name };
  const cell = html("a", link, drawPreview(ink), picture, label);
  cell.redraw = () => drawPoints(picture, ink);
  cell.redraw();
  return cell;
}

function drawDetail(ink) {
  const picture = ink.strokes ? drawInk(ink) : svg("svg", { class: "ink" });
  const raw = (ink.strokes || []).reduce((sum, stroke) => sum + strokePoints(stroke).length, 0);
  const counts = html("div", { class: "faint" });
  const groups = ink.groups.map((group) =>
    html(
      "span",
      { onmouseenter: () => lightStrokes(picture, group.strokes), onmouseleave: () => lightStrokes(picture, []) },
      html("code", {}, group.label),
      html("span", { class: "faint" }, ` ${group.strokes.join(",")}`),
    ),
  );
  const card = html(
    "article",
    { class: "card large" },
    html("div", { class: "head" }, html("a", { href: "#" }, ink.name), html("span", { class: "problem" }, ink.problem || "")),
    drawPreview(ink),
    picture,
    counts,
    html(
      "div",
      { class: "readings" },
      drawReading(ink.reading, ink.preview ? "read as" : "canonical"),
      html("p", {}, html("span", { class: "faint" }, "label in the file "), html("code", {}, ink.label || "none")),
      groups.length ? html("div", { class: "symbols" }, html("h3", {}, "Symbols and their strokes"), groups) : "",
    ),
  );
  hoverTokens(card);
  card.redraw = () => {
    if (!ink.strokes) return;
    const shown = drawPoints(picture, ink);
    const each = (shown / ink.strokes.length).toFixed(1);
    counts.textContent = `${ink.strokes.length} strokes, ${raw} points in the file, ${shown} shown, ${each} per stroke`;
  };
  card.redraw();
  return card;
}

// --- the page

function redraw() {
  shownEpsilon.textContent = Number(epsilon.value).toFixed(3);
  for (const each of [...pinned.children, ...list.children]) if (each.redraw) each.redraw();
}

function update() {
  const state = readHash();
  const wanted = state.ink ?? (data.inks.length === 1 ? data.inks[0].name : undefined);
  const one = data.inks.find((ink) => ink.name === wanted);
  pinned.replaceChildren(...(one ? [drawDetail(one)] : []));
  if (one) scrollTo(0, 0);
  const words = has.value.split(" ").filter(Boolean);
  const name_ = name.value.toLowerCase();
  const found = data.inks.filter(
    (ink) => words.every((word) => ink.reading.tokens.split(" ").includes(word)) && ink.name.toLowerCase().includes(name_),
  );
  count.textContent = `${found.length} of ${data.inks.length}`;
  setList(data.inks.length === 1 ? [] : found);
}

const view = html("select", { onchange: redraw }, Object.entries(VIEWS).map(([value, [text]]) => html("option", { value }, text)));
const colour = html("select", { onchange: redraw }, html("option", { value: "" }, "colour by time"), html("option", { value: "symbol" }, "colour by symbol"));
const epsilon = html("input", { type: "range", min: 0, max: 0.15, step: 0.002, value: data.epsilon, oninput: redraw });
const shownEpsilon = html("span", { class: "faint" });
const dots = html("input", { type: "checkbox", onchange: redraw });
const has = html("input", { placeholder: "has tokens, such as \\frac", oninput: update, size: 22 });
const name = html("input", { placeholder: "name", oninput: update, size: 14 });
const count = html("span", { class: "faint" });
const pinned = html("div");
const list = html("div", { class: "sheet" });

page.append(
  html("header", {}, html("h1", {}, data.title), themeButton()),
  html(
    "div",
    { class: "controls" },
    ...[view, html("label", {}, "RDP epsilon ", epsilon, " ", shownEpsilon), html("label", {}, dots, " points"), colour],
    ...(data.inks.length > 1 ? [has, name, count] : []),
  ),
  pinned,
  list,
);
const setList = growingList(list, drawCell, 60);
addEventListener("hashchange", update);
update();
redraw();
