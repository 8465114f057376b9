/**
 * Outlines of binary slices by marching squares (Lorensen and Cline 1987 in two dimensions), as closed rings.
 *
 * A pixel (column, row) covers [column, column + 1) × [row, row + 1); rings pass midway between pixel centres.
 * Outer rings run clockwise on the screen, holes the other way. Pixels that touch at a corner only stay apart.
 * Pure.
 */

/** @typedef {[number, number][]} Ring */

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
 * @param {number} width
 * @param {number} height
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
 * @param {Ring} ring
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
 * @param {Ring} ring
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
 * @param {Ring[]} all
 */
export function path(all, dx = 0, dy = 0) {
  return all.map((ring) => `M${ring.map(([x, y]) => `${round(x + dx)} ${round(y + dy)}`).join("L")}Z`).join("");
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}
