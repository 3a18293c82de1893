// What all pages share: elements, inks, typeset readings, and lists that grow as one scrolls.
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

// A stroke's colour by its place in time; the theme decides what the three colours are.
function strokeColour(index, count) {
  const place = count > 1 ? index / (count - 1) : 0;
  const [from, to, part] = place < 0.5 ? ["first", "middle", place * 2] : ["middle", "last", place * 2 - 1];
  return `color-mix(in oklab, var(--${from}), var(--${to}) ${Math.round(part * 100)}%)`;
}

// A stroke is "x y dx dy dx dy ...": whole numbers, the first point and the steps from it.
function strokePath(stroke) {
  const numbers = stroke.split(" ");
  const steps = numbers.slice(2);
  return `M${numbers[0]} ${numbers[1]}` + (steps.length ? `l${steps.join(" ")}` : "h0");
}

// An ink is {size: [width, height], strokes, unit}: how many units a median stroke is, 60 if not said.
function drawInk(ink) {
  const unit = ink.unit || 60;
  const margin = unit / 5;
  const [width, height] = ink.size;
  const box = `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`;
  const paths = ink.strokes.map((stroke, i) =>
    svg("path", { d: strokePath(stroke), style: `stroke: ${strokeColour(i, ink.strokes.length)}` }),
  );
  // A median stroke is at most 120 pixels, so that a lone dot does not fill the card.
  const style = `max-width: ${((width + 2 * margin) * 120) / unit}px; --pen: ${unit / 12}`;
  return svg("svg", { class: "ink", viewBox: box, style }, paths);
}

// Shows some strokes among the others; with `looks`, "stroke percent stroke percent ...", they are the thick ones, and
// every stroke is tinted by how much the model looked at it.
function lightStrokes(picture, strokes, looks = null) {
  const percents = new Map(((looks || "").match(/\d+ \d+/g) || []).map((look) => look.split(" ")));
  picture.classList.toggle("some", strokes.length > 0);
  picture.classList.toggle("tinted", looks !== null);
  picture.querySelectorAll("path").forEach((path, i) => {
    path.classList.toggle("on", strokes.includes(i));
    // A third of a look is hardly a tint on a thin line: the root of it is.
    path.style.setProperty("--look", `${Math.round(10 * Math.sqrt(percents.get(`${i}`) || 0))}%`);
  });
}

// A reading is {tokens, math, strokes, differs, attention}: its tokens in one string, MathML or null, for each token its
// strokes or null, the indices of the tokens to mark, and where it is known what the model looked at, token by token.
function drawReading(reading, label) {
  const block = html("div", { class: "reading" }, html("span", { class: "label" }, label));
  block.strokes = reading.strokes;
  block.looks = reading.attention === undefined ? [] : reading.attention.split(",");
  if (reading.math !== null) {
    const holder = html("div");
    holder.innerHTML = reading.math; // made by our own package, every token escaped
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

// The strokes of the token under the pointer; of a group without strokes of its own (a script) those of all in it.
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

// A list that draws `step` of its items at first, and more whenever its end comes near.
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
  return html("button", { title: "light or dark", onclick: toggle }, "◐");
}

// The part of the address behind `#` as an object, and back: `#ink=NAME`, `#show=wrong&sort=edits`.
const readHash = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const writeHash = (values) => {
  const used = Object.entries(values).filter(([, value]) => value);
  location.hash = new URLSearchParams(used).toString();
};

// Root signs come out of a font with a table for mathematics; style.css draws them where there is none.
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
