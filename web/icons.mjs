/** Draw the page's icons into src/page/icons/, all from the same pen strokes: node icons.mjs */

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";

const SIZE = 512; // of the drawing
const WIDTH = 42; // of a stroke
const CORNER = 112;
const BLUE = [0x2a, 0x6d, 0xf4];
/** A root with an x under it, as lists of [x, y]. */
const STROKES = [
  [
    [84, 282],
    [142, 256],
    [212, 404],
    [298, 124],
    [430, 124],
  ],
  [
    [334, 240],
    [428, 376],
  ],
  [
    [428, 240],
    [334, 376],
  ],
];
/** Systems may crop a maskable icon to the circle with 40 % of its width as radius. */
const SAFE = 0.78;
const folder = fileURLToPath(new URL("src/page/icons/", import.meta.url));

mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}icon.svg`, svg());
for (const size of [192, 512]) writeFileSync(`${folder}icon-${size}.png`, png(size, false));
writeFileSync(`${folder}icon-maskable.png`, png(512, true));
writeFileSync(`${folder}icon-apple.png`, png(180, true));

function svg() {
  const paths = STROKES.map((stroke) => `M${stroke.map((point) => point.join(" ")).join("L")}`).join("");
  const colour = `#${BLUE.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}">
<rect width="${SIZE}" height="${SIZE}" rx="${CORNER}" fill="${colour}"/>
<path d="${paths}" fill="none" stroke="#fff" stroke-width="${WIDTH}" stroke-linecap="round" stroke-linejoin="round"/>
</svg>
`;
}

/** Return a PNG of `size` x `size` pixels. A maskable one fills the square, and its strokes are in the safe zone. */
function png(size, maskable) {
  const [scale, zoom] = [SIZE / size, maskable ? SAFE : 1];
  const rows = Buffer.alloc(size * (1 + 4 * size)); // each row begins with its filter, 0 for none
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const point = [(column + 0.5) * scale, (row + 0.5) * scale];
      const drawn = point.map((value) => SIZE / 2 + (value - SIZE / 2) / zoom);
      const ink = coverage((distanceToInk(drawn) - WIDTH / 2) * zoom, scale);
      const tile = maskable ? 1 : coverage(distanceToTile(point), scale);
      const colour = BLUE.map((value) => Math.round(value + (255 - value) * ink));
      rows.set([...colour, Math.round(255 * tile)], row * (1 + 4 * size) + 1 + 4 * column);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8); // 8 bits a channel, RGB with alpha
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The share of a pixel inside an edge that is `distance` away, negative inside. `scale` is the size of a pixel. */
function coverage(distance, scale) {
  return Math.min(1, Math.max(0, 0.5 - distance / scale));
}

/** The distance of a point to the middle line of the nearest stroke. */
function distanceToInk(point) {
  return Math.min(...STROKES.flatMap((stroke) => stroke.slice(1).map((end, i) => toSegment(point, stroke[i], end))));
}

function toSegment([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

/** The distance of a point to the tile with round corners, negative inside. */
function distanceToTile(point) {
  const [x, y] = point.map((value) => Math.abs(value - SIZE / 2) - (SIZE / 2 - CORNER));
  return Math.hypot(Math.max(x, 0), Math.max(y, 0)) + Math.min(Math.max(x, y), 0) - CORNER;
}

function chunk(kind, data) {
  const content = Buffer.concat([Buffer.from(kind), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, check]);
}
