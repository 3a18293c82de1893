// Comparison of two models: differences with their intervals, then every ink, fixed and broken ones first.
"use strict";

const data = pageData();
const page = document.getElementById("page");

const KINDS = {
  fixed: "fixed: only B is right",
  broken: "broken: only A is right",
  changed: "both wrong, differently",
  same: "both wrong in the same way",
  right: "both right",
};
const ORDER = Object.keys(KINDS);

function differenceTable() {
  const head = ["", "A", "B", "B - A", "95 %", "resamples with B larger"];
  const rows = data.differences.map((each) =>
    html(
      "tr",
      {},
      html("td", {}, each.title),
      html("td", {}, each.first),
      html("td", {}, each.second),
      html("td", { class: `value ${each.sure ? (each.better ? "right" : "wrong") : ""}` }, each.difference),
      html("td", { class: "faint" }, `${each.low} to ${each.high}`),
      html("td", {}, each.above),
    ),
  );
  const line = html("tr", {}, head.map((text) => html("th", {}, text)));
  return html("div", { class: "panel" }, html("table", {}, html("thead", {}, line), html("tbody", {}, rows)));
}

function drawLabelled(reading, text) {
  const label = [text, reading.probability === null ? "" : ` ${reading.probability.toFixed(3)}`].join("");
  return drawReading(reading, label);
}

function drawCard(ink) {
  const good = { fixed: "right", right: "right" }[ink.kind] || "wrong";
  const head = html(
    "div",
    { class: "head" },
    html("a", { href: `#ink=${encodeURIComponent(ink.name)}`, title: "link to this ink" }, ink.name),
    html("span", { class: good }, KINDS[ink.kind]),
  );
  const readings = [drawReading(ink.truth, "truth"), drawLabelled(ink.a, "A"), drawLabelled(ink.b, "B")];
  const picture = ink.size ? drawInk(ink) : svg("svg", { class: "ink" });
  const card = html("article", { class: "card" }, head, picture, html("div", { class: "readings" }, readings));
  hoverTokens(card);
  return card;
}

function update() {
  const state = readHash();
  show.value = state.show || "";
  const found = data.inks.filter(
    (ink) => (!state.show || ink.kind === state.show) && (state.ink === undefined || ink.name === state.ink),
  );
  count.textContent = `${found.length} of ${data.inks.length}`;
  setList(found);
}

const counted = (kind) => data.inks.filter((ink) => ink.kind === kind).length;
const options = ORDER.map((kind) => html("option", { value: kind }, `${KINDS[kind]} (${counted(kind)})`));
const change = () => writeHash({ show: show.value });
const show = html("select", { onchange: change }, html("option", { value: "" }, "all inks"), options);
const count = html("span", { class: "faint" });
const list = html("div");

data.inks.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
page.append(
  html("header", {}, html("div", {}, html("h1", {}, data.title), data.names.map((name) => html("div", {}, name))), themeButton()),
  html("p", {}, data.verdict),
  differenceTable(),
  html("h2", {}, "Every ink"),
  html("div", { class: "controls" }, show, count, html("a", { href: "#" }, "reset")),
  list,
);
const setList = growingList(list, drawCard, 6);
addEventListener("hashchange", update);
update();
