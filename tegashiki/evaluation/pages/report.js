// Report on one model: figures, charts, and every ink with its candidates.
"use strict";

const data = pageData();
const page = document.getElementById("page");
const CONFIDENT = 0.9;
const NOTHING = "nothing"; // stands for a missing token, on the page and in the address

// --- figures and charts

const panel = (title, ...content) => html("section", { class: "panel" }, html("h3", {}, title), ...content);

function table(head, rows) {
  const line = (cells, tag) => html("tr", {}, cells.map((cell) => html(tag, {}, cell)));
  return html("table", {}, html("thead", {}, line(head, "th")), html("tbody", {}, rows.map((row) => line(row, "td"))));
}

function figureTable() {
  const rows = data.figures.map((each) =>
    html(
      "tr",
      {},
      html("td", {}, each.title),
      html("td", { class: "value" }, each.value),
      html("td", { class: "faint" }, each.low ? `${each.low} to ${each.high}` : ""),
    ),
  );
  return panel(`All ${data.inks.length} inks, with 95 % intervals`, html("table", {}, rows));
}

function curves() {
  if (!data.curves) return [];
  const { train, validation } = data.curves;
  const of = (rows, key, name) => ({ name, x: rows.map((row) => row.step), y: rows.map((row) => row[key]) });
  const found = [];
  if (validation.length) {
    const rates = [of(validation, "exprate", "ExpRate"), of(validation, "exprate_le1", "<=1"), of(validation, "exprate_le2", "<=2")];
    found.push(panel("Learning curve: validation, percent of inks", lineChart(rates, "step", "%", [0, 100])));
  }
  const losses = [];
  if (train.length) losses.push(of(train, "loss_tokens", "training"));
  if (validation.length) losses.push(of(validation, "loss_tokens", "validation"));
  if (losses.length) found.push(panel("Learning curve: loss per token", lineChart(losses, "step", "nats")));
  return found;
}

function lengthChart() {
  const points = data.length.map((group, i) => ({
    ...{ x: i, y: group.exprate, low: group.low, high: group.high },
    title: `${group.name} tokens: ${group.exprate.toFixed(1)} % of ${group.inks}`,
  }));
  return panel("ExpRate by length", rangeChart(points, "tokens", "%", data.length.map((group) => group.name)));
}

function calibrationChart() {
  const { bins, error } = data.calibration;
  if (!bins.length) return null;
  const points = bins.map((bin) => ({
    ...{ x: bin.predicted, y: bin.right, low: bin.low, high: bin.high },
    title: `${bin.inks} inks: predicted ${bin.predicted.toFixed(1)} %, ${bin.right.toFixed(1)} % right`,
  }));
  const text = `Expected calibration error ${error.toFixed(1)} points. Above the line the model is right more often than predicted.`;
  const chart = rangeChart(points, "predicted probability, %", "% right", null, true);
  return panel("Calibration", chart, html("p", { class: "faint" }, text));
}

function speedChart() {
  if (!data.speed.length) return null;
  const text = `Median ${data.ms_median} ms, 95 % of inks within ${data.ms_p95} ms, from the ink to its candidates.`;
  return panel("Speed", histogram(data.speed, "ms", "inks"), html("p", { class: "faint" }, text));
}

function groupTable(title, groups) {
  const rows = groups.map((group) => [
    group.name,
    `${group.inks}`,
    group.exprate.toFixed(1),
    `${group.low.toFixed(0)}-${group.high.toFixed(0)}`,
    group.exprate_le2.toFixed(1),
    group.cer.toFixed(3),
  ]);
  return panel(title, table(["", "inks", "ExpRate", "95 %", "<=2", "CER"], rows));
}

const shown = (token) => html("code", {}, token || NOTHING);

function confusionTable() {
  const rows = data.confusions.map(([truth, read, count]) => [
    html("span", {}, shown(truth), " read as ", shown(read)),
    html("a", { href: "#", onclick: (event) => showConfusion(event, truth, read) }, `${count}`),
  ]);
  return panel("Most frequent confusions", table(["", "times"], rows));
}

function showConfusion(event, truth, read) {
  event.preventDefault();
  writeHash({ truth: truth || NOTHING, read: read || NOTHING });
  list.scrollIntoView();
}

function kindTable() {
  const rows = data.kinds.map((each) => [
    each.kind,
    `${each.right} of ${each.count}`,
    `${((100 * each.right) / each.count).toFixed(1)} %`,
  ]);
  return panel("By kind of symbol", table(["", "right", ""], rows));
}

function symbolTable() {
  const rows = data.symbols.map((each) => [
    shown(each.token),
    `${each.right} of ${each.count}`,
    `${((100 * each.right) / each.count).toFixed(1)} %`,
    html("span", {}, each.read_as.slice(0, 3).flatMap(([token, count]) => [shown(token), ` ${count}  `])),
  ]);
  return panel("Symbols with errors, most errors first", table(["", "right", "", "read as"], rows));
}

// --- inks

const FILTERS = {
  "": ["all inks", () => true],
  wrong: ["wrong", (ink) => ink.edits !== 0],
  right: ["right", (ink) => ink.edits === 0],
  one: ["one edit", (ink) => ink.edits === 1],
  two: ["two edits", (ink) => ink.edits === 2],
  far: ["three or more edits", (ink) => ink.edits > 2],
  confident: ["wrong with probability 0.9 or more", (ink) => ink.edits !== 0 && ink.probability >= CONFIDENT],
  unsure: ["right with probability below 0.5", (ink) => ink.edits === 0 && ink.probability < 0.5],
  structure: ["wrong structure", (ink) => ink.edits !== 0 && !ink.structure],
  symbols: ["right structure, wrong symbols", (ink) => ink.edits !== 0 && ink.structure],
  candidates: ["truth is a lower candidate", (ink) => ink.edits !== 0 && ink.among],
  unread: ["unread, or without a truth", (ink) => ink.edits === null],
};
const ORDERS = {
  "": ["order of the set", null],
  surest: ["most probable first", (ink) => -(ink.probability ?? -1)],
  unsurest: ["least probable first", (ink) => ink.probability ?? -1],
  edits: ["most edits first", (ink) => -(ink.edits ?? 1e9)],
  long: ["longest first", (ink) => -ink.truth.tokens.length],
  short: ["shortest first", (ink) => ink.truth.tokens.length],
  slow: ["slowest first", (ink) => -(ink.ms ?? 0)],
};

function verdict(ink) {
  if (ink.edits === null) return html("span", { class: "wrong" }, "not comparable");
  if (ink.edits === 0) return html("span", { class: "right" }, "right");
  return html("span", { class: "wrong" }, ink.edits === 1 ? "1 edit" : `${ink.edits} edits`);
}

function drawCard(ink) {
  const head = html(
    "div",
    { class: "head" },
    html("a", { href: `#ink=${encodeURIComponent(ink.name)}`, title: "link to this ink" }, ink.name),
    verdict(ink),
    html("span", { class: "faint" }, ink.probability === null ? "" : `p ${ink.probability.toFixed(3)}`),
    html("span", { class: "faint" }, ink.ms === null ? "" : `${ink.ms} ms`),
    ink.error ? html("span", { class: "problem" }, ink.error) : null,
  );
  const candidates = ink.candidates.map((candidate, i) =>
    drawReading(candidate, candidate.probability === null ? "read" : `${i + 1}. ${candidate.probability.toFixed(3)}`),
  );
  const readings = html("div", { class: "readings" }, drawReading(ink.truth, "truth"), candidates);
  const picture = ink.size ? drawInk(ink) : svg("svg", { class: "ink" });
  const card = html("article", { class: "card" }, head, picture, readings);
  hoverTokens(card);
  return card;
}

function chosen(state) {
  const has = (state.has || "").split(" ").filter(Boolean);
  const name = (state.name || "").toLowerCase();
  const filter = (FILTERS[state.show || ""] || FILTERS[""])[1];
  const order = (ORDERS[state.sort || ""] || ORDERS[""])[1];
  const found = data.inks.filter(
    (ink) =>
      filter(ink) &&
      ink.name.toLowerCase().includes(name) &&
      has.every((token) => [ink.truth, ...ink.candidates].some((each) => each.tokens.split(" ").includes(token))) &&
      (!state.truth || ink.confusions.some((pair) => (pair[0] || NOTHING) === state.truth && (pair[1] || NOTHING) === state.read)),
  );
  return order ? found.sort((a, b) => order(a) - order(b)) : found;
}

function update() {
  const state = readHash();
  show.value = state.show || "";
  sort.value = state.sort || "";
  if (document.activeElement !== has) has.value = state.has || "";
  if (document.activeElement !== name) name.value = state.name || "";
  const one = state.ink === undefined ? undefined : data.inks.find((ink) => ink.name === state.ink);
  pinned.replaceChildren();
  if (state.ink !== undefined) {
    const back = html("a", { href: "#" }, "all inks");
    const card = one ? drawCard(one) : html("p", { class: "problem" }, `no ink ${state.ink} in this report`);
    card.classList.add("large");
    pinned.append(html("p", {}, back), card);
    pinned.scrollIntoView();
  }
  const found = chosen(state);
  const suffix = state.truth ? `, ${state.truth} read as ${state.read}` : "";
  count.textContent = `${found.length} of ${data.inks.length}${suffix}`;
  setList(found);
}

const select = (options) =>
  html("select", { onchange: change }, Object.entries(options).map(([value, [text]]) => html("option", { value }, text)));

function change() {
  const { truth, read } = readHash();
  writeHash({ show: show.value, sort: sort.value, has: has.value.trim(), name: name.value.trim(), truth, read });
}

const show = select(FILTERS);
const sort = select(ORDERS);
const has = html("input", { placeholder: "has tokens, such as \\frac", oninput: change, size: 22 });
const name = html("input", { placeholder: "name", oninput: change, size: 14 });
const count = html("span", { class: "faint" });
const reset = html("a", { href: "#" }, "reset");
const pinned = html("div");
const list = html("div");

page.append(
  html(
    "header",
    {},
    html("div", {}, html("h1", {}, data.title), html("div", { class: "faint" }, data.subtitle)),
    themeButton(),
  ),
  html("h2", {}, "Figures"),
  html(
    "div",
    { class: "panels" },
    ...[figureTable(), lengthChart(), calibrationChart(), ...curves(), speedChart()].filter(Boolean),
    confusionTable(),
    kindTable(),
    symbolTable(),
    groupTable("By kind of structure", data.structure),
    groupTable("By nesting depth", data.depth),
    data.part.length ? groupTable("By source and kind", data.part) : groupTable("By folder", data.folder),
  ),
  html("h2", {}, "Every ink"),
  html("p", { class: "faint" }, "Strokes are coloured by time, from the first (dark or violet) to the last (yellow). Hover over a token to see its strokes as thick lines. For a candidate the orange tint of each stroke shows how much attention the model paid to it for that token."),
  html("div", { class: "controls" }, show, sort, has, name, count, reset),
  pinned,
  list,
);
const setList = growingList(list, drawCard, 6);
addEventListener("hashchange", update);
update();
