/**
 * Outlines of binary slices by marching squares (Lorensen and Cline 1987 in two dimensions), as closed rings.
 *
 * A pixel (column, row) covers [column, column + 1) × [row, row + 1); rings pass midway between pixel centres.
 * Outer rings run clockwise on the screen, holes the other way. Pixels that touch at a corner only stay apart.
 * Drawn outlines are turned into pixels for the disagreement map and the jump to the next disputed slice only;
 * what is signed is always a reading as the server holds it. Pure.
 */

/** @import { Box, Mask } from "./mask.js" */
/** @typedef {[number, number][]} Ring */
/** @typedef {{slice: number, hole?: boolean, points: Ring}} Drawn */

// Edge midpoints of a cell in half pixels, relative to twice its corner: top, right, bottom, left.
const T = [0, -1];
const R = [1, 0];
const B = [0, 1];
const L = [-1, 0];

// By corners set (1 top left, 2 top right, 4 bottom right, 8 bottom left): from, to; the set side is on the right.
const SEGMENTS = [
  [], [[T, L]], [[R, T]], [[R, L]],
  [[B, R]], [[T, L], [B, R]], [[B, T]], [[B, L]],
  [[L, B]], [[T, B]], [[R, T], [L, B]], [[R, B]],
  [[L, R]], [[T, R]], [[L, T]], [],
];

/**
 * @param {ArrayLike<number>} data  non-zero = inside, rows from top
 * @returns {Ring[]}
 */
export function rings(data, width, height) {
  const stride = 2 * width + 3;
  /** @type {Map<number, number>} */
  const next = new Map();
  const set = (x, y) => x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] !== 0;
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      const corners = (set(x - 1, y - 1) ? 1 : 0) | (set(x, y - 1) ? 2 : 0) | (set(x, y) ? 4 : 0) | (set(x - 1, y) ? 8 : 0);
      for (const [from, to] of SEGMENTS[corners]) {
        next.set((2 * y + from[1] + 1) * stride + 2 * x + from[0] + 1, (2 * y + to[1] + 1) * stride + 2 * x + to[0] + 1);
      }
    }
  }
  const found = [];
  for (const [start] of next) {
    if (!next.has(start)) continue;
    const ring = [];
    let key = start;
    while (next.has(key)) {
      ring.push([key, Math.floor(key / stride)]);
      const following = next.get(key);
      next.delete(key);
      key = /** @type {number} */ (following);
    }
    found.push(straightened(ring.map(([place, row]) => [((place % stride) - 1) / 2, (row - 1) / 2])));
  }
  return found;
}

/**
 * Leave out points on a straight line between their neighbours.
 * @returns {Ring}
 */
function straightened(ring) {
  return ring.filter(([x, y], n) => {
    const [px, py] = ring[(n + ring.length - 1) % ring.length];
    const [qx, qy] = ring[(n + 1) % ring.length];
    return (x - px) * (qy - y) !== (y - py) * (qx - x);
  });
}

/**
 * Signed area in pixels: positive for outer rings (clockwise with y downward).
 */
export function area(ring) {
  let sum = 0;
  ring.forEach(([x, y], n) => {
    const [nx, ny] = ring[(n + 1) % ring.length];
    sum += x * ny - nx * y;
  });
  return sum / 2;
}

/**
 * SVG path data of rings, moved by an offset.
 */
export function path(all, dx = 0, dy = 0) {
  return all.map((ring) => `M${ring.map(([x, y]) => `${round(x + dx)} ${round(y + dy)}`).join("L")}Z`).join("");
}

function round(value) {
  return Math.round(value * 100) / 100;
}

/**
 * Rings in drawing coordinates, where a pixel covers [x, x + 1). Rings traced over pixel centres
 * ("outline_excluded") name pixels, so half a pixel is added.
 * @returns {Drawn[]}
 */
export function drawn(rings, rule) {
  const shift = rule === "outline_excluded" ? 0.5 : 0;
  return rings.map((ring) => ({ ...ring, points: ring.points.map(([x, y]) => [x + shift, y + shift]) }));
}

/**
 * @returns {Box | null}
 */
export function bounds(rings) {
  if (!rings.length) return null;
  const xs = rings.flatMap((ring) => ring.points.map(([x]) => x));
  const ys = rings.flatMap((ring) => ring.points.map(([, y]) => y));
  const zs = rings.map((ring) => ring.slice);
  const least = (/** @type {number[]} */ values) => values.reduce((a, b) => Math.min(a, b));
  const most = (/** @type {number[]} */ values) => values.reduce((a, b) => Math.max(a, b));
  return [least(zs), most(zs) + 1, Math.max(0, Math.floor(least(ys))), Math.ceil(most(ys)) + 1,
    Math.max(0, Math.floor(least(xs))), Math.ceil(most(xs)) + 1];
}

/**
 * Pixels whose centre lies inside an odd number of rings of their slice.
 * @returns {Mask}
 */
export function rasterised(rings) {
  const box = bounds(rings) ?? /** @type {Box} */ ([0, 0, 0, 0, 0, 0]);
  const [z0, , y0, y1, x0, x1] = box;
  const data = new Uint8Array((box[1] - z0) * (y1 - y0) * (x1 - x0));
  for (const ring of rings) {
    for (let y = y0; y < y1; y++) {
      const row = ((ring.slice - z0) * (y1 - y0) + (y - y0)) * (x1 - x0);
      const cuts = crossings(ring.points, y + 0.5);
      for (let n = 0; n + 1 < cuts.length; n += 2) {
        const last = Math.min(x1, Math.ceil(cuts[n + 1] - 0.5));
        for (let x = Math.max(x0, Math.ceil(cuts[n] - 0.5)); x < last; x++) data[row + x - x0] ^= 1;
      }
    }
  }
  return { box, data };
}

/** Where the ring crosses a horizontal line, ascending. */
function crossings(points, y) {
  const out = [];
  points.forEach(([ax, ay], n) => {
    const [bx, by] = points[(n + 1) % points.length];
    if (ay <= y !== by <= y) out.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
  });
  return out.sort((a, b) => a - b);
}
