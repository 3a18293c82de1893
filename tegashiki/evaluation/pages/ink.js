// Code shared by all pages: elements, inks, typeset formulas, and lists that grow while scrolling.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// Returns the colour of a stroke by its order in time. The theme defines the three colours.
function strokeColour(index, count) {
  const place = count > 1 ? index / (count - 1) : 0;
  const [from, to, part] = place < 0.5 ? ["first", "middle", place * 2] : ["middle", "last", place * 2 - 1];
  return `color-mix(in oklab, var(--${from}), var(--${to}) ${Math.round(part * 100)}%)`;
}

// Converts a stroke to an SVG path. A stroke is a string "x y dx dy dx dy ..." of whole numbers: the first point, then
// the step to each next point.
function strokePath(stroke) {
  const numbers = stroke.split(" ");
  const steps = numbers.slice(2);
  return `M${numbers[0]} ${numbers[1]}` + (steps.length ? `l${steps.join(" ")}` : "h0");
}

// Draws an ink, {size: [width, height], strokes, unit}. `unit` is the size of a median stroke in page units, default 60.
function drawInk(ink) {
  const unit = ink.unit || 60;
  const margin = unit / 5;
  const [width, height] = ink.size;
  const box = `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`;
  const paths = ink.strokes.map((stroke, i) =>
    svg("path", { d: strokePath(stroke), style: `stroke: ${strokeColour(i, ink.strokes.length)}` }),
  );
  // A median stroke is at most 120 pixels large, so that a single dot does not fill the card.
  const style = `max-width: ${((width + 2 * margin) * 120) / unit}px; --pen: ${unit / 12}`;
  return svg("svg", { class: "ink", viewBox: box, style }, paths);
}

// Highlights some strokes. With `looks`, the attention as "stroke percent stroke percent ...", they are drawn thick and
// every stroke is tinted by the attention that it got.
function lightStrokes(picture, strokes, looks = null) {
  const percents = new Map(((looks || "").match(/\d+ \d+/g) || []).map((look) => look.split(" ")));
  picture.classList.toggle("some", strokes.length > 0);
  picture.classList.toggle("tinted", looks !== null);
  picture.querySelectorAll("path").forEach((path, i) => {
    path.classList.toggle("on", strokes.includes(i));
    // The square root makes low attention visible: a thin line with a third of the tint would look untinted.
    path.style.setProperty("--look", `${Math.round(10 * Math.sqrt(percents.get(`${i}`) || 0))}%`);
  });
}

// Draws a formula, {tokens, math, strokes, differs, attention}: the tokens in one string; MathML or null; the strokes of
// each token, or null; the indices of the tokens to mark; and, if it is known, the attention of each token.
function drawReading(reading, label) {
  const block = html("div", { class: "reading" }, html("span", { class: "label" }, label));
  block.strokes = reading.strokes;
  block.looks = reading.attention === undefined ? [] : reading.attention.split(",");
  if (reading.math !== null) {
    const holder = html("div");
    holder.innerHTML = reading.math; // safe: the package wrote it and escaped every token
    block.append(holder.firstChild);
  }
  const tokens = reading.tokens ? reading.tokens.split(" ") : [];
  const spans = tokens.flatMap((token, i) => [html("span", { "data-t": i }, token), " "]);
  block.append(html("div", { class: "tokens" }, spans.length ? spans : "nothing"));
  for (const index of reading.differs) {
    block.querySelectorAll(`[data-t="${index}"]`).forEach((each) => each.classList.add("differs"));
  }
  return block;
}

// Returns the strokes of the token under the pointer. A group without strokes of its own, such as a script, has the
// strokes of all tokens in it.
function strokesUnder(target, block) {
  const own = block.strokes[Number(target.dataset.t)] || [];
  if (own.length) return own;
  return [...target.querySelectorAll("[data-t]")].flatMap((each) => block.strokes[Number(each.dataset.t)] || []);
}

function hoverTokens(card) {
  const picture = card.querySelector(".ink");
  const clear = () => {
    lightStrokes(picture, []);
    card.querySelectorAll(".hovered").forEach((each) => each.classList.remove("hovered"));
  };
  card.addEventListener("mouseover", (event) => {
    clear();
    const target = event.target.closest("[data-t]");
    const block = event.target.closest(".reading");
    if (!target || !block) return;
    block.querySelectorAll(`[data-t="${target.dataset.t}"]`).forEach((each) => each.classList.add("hovered"));
    if (block.strokes) lightStrokes(picture, strokesUnder(target, block), block.looks[Number(target.dataset.t)]);
  });
  card.addEventListener("mouseleave", clear);
}

// Fills a list `step` items at a time: at first, and whenever its end is close to the window. Returns the function that
// replaces the items.
function growingList(list, draw, step) {
  const sentinel = html("div");
  list.after(sentinel);
  let items = [];
  let drawn = 0;
  const grow = () => {
    const next = items.slice(drawn, drawn + step);
    list.append(...next.map(draw));
    drawn += next.length;
  };
  const nearEnd = () => drawn < items.length && sentinel.getBoundingClientRect().top < innerHeight + 1500;
  new IntersectionObserver(
    () => {
      while (nearEnd()) grow();
    },
    { rootMargin: "1500px" },
  ).observe(sentinel);
  addEventListener("scroll", () => nearEnd() && grow(), { passive: true });
  return (replacement) => {
    items = replacement;
    drawn = 0;
    list.replaceChildren();
    grow();
  };
}

function themeButton() {
  const toggle = () => {
    const root = document.documentElement;
    const dark = getComputedStyle(root).colorScheme.includes("light dark")
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : getComputedStyle(root).colorScheme === "dark";
    root.style.colorScheme = dark ? "light" : "dark";
  };
  return html("button", { title: "switch between light and dark", onclick: toggle }, "◐");
}

// Read and write the fragment of the address as an object: `#ink=NAME`, `#show=wrong&sort=edits`.
const readHash = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const writeHash = (values) => {
  const used = Object.entries(values).filter(([, value]) => value);
  location.hash = new URLSearchParams(used).toString();
};

// Browsers draw root signs only with a math font. If there is none, style.css draws them.
function findMathFont() {
  const widths = ["<mi>x</mi>", "<msqrt><mi>x</mi></msqrt>"].map((inner) => {
    const holder = html("span", { style: "position: absolute; visibility: hidden" });
    holder.innerHTML = `<math>${inner}</math>`;
    document.body.append(holder);
    const { width } = holder.getBoundingClientRect();
    holder.remove();
    return width;
  });
  document.documentElement.classList.toggle("no-math-font", widths[1] - widths[0] < 2);
}
findMathFont();

const pageData = () => JSON.parse(document.getElementById("data").textContent);
