/** Distances and rings as a reader draws them. Points are [x, y] in pixels of the screen's grid. Pure. */

/** @typedef {[number, number]} Point */

/**
 * Length of a straight line; spacing in millimetres a pixel, across and down.
 * @param {{across: number, down: number}} spacing
 */
export function length([ax, ay], [bx, by], { across, down }) {
  return Math.hypot((bx - ax) * across, (by - ay) * down);
}

/** Twice the signed area of a triangle: its sign tells on which side c lies. */
function side([ax, ay], [bx, by], [cx, cy]) {
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}

function between([ax, ay], [bx, by], [x, y]) {
  return Math.min(ax, bx) <= x && x <= Math.max(ax, bx) && Math.min(ay, by) <= y && y <= Math.max(ay, by);
}

/** Whether two closed segments share a point. */
function meet(a, b, c, d) {
  const [abc, abd, cda, cdb] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (abc !== abd && cda !== cdb) return true;
  return (!abc && between(a, b, c)) || (!abd && between(a, b, d)) || (!cda && between(c, d, a)) || (!cdb && between(c, d, b));
}

/**
 * Whether a ring crosses or touches itself, or folds back on itself: its inside would be a guess.
 * @param {Point[]} points
 */
export function crosses(points) {
  const n = points.length;
  for (let i = 0; i < n; i++) {
    const [before, a, b] = [points[(i + n - 1) % n], points[i], points[(i + 1) % n]];
    if (a[0] === b[0] && a[1] === b[1]) return true;
    const back = (before[0] - a[0]) * (b[0] - a[0]) + (before[1] - a[1]) * (b[1] - a[1]) > 0;
    if (!side(before, a, b) && back) return true;
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      if (meet(a, b, points[j], points[(j + 1) % n])) return true;
    }
  }
  return false;
}

/**
 * The point nearest to a place, within a reach in pixels; null where none is.
 * @param {{points: Point[]}[]} rings
 * @returns {{ring: number, point: number} | null}
 */
export function nearest(rings, [x, y], reach) {
  let found = null;
  let least = reach;
  rings.forEach(({ points }, ring) => points.forEach(([px, py], point) => {
    const far = Math.hypot(px - x, py - y);
    if (far <= least) [found, least] = [{ ring, point }, far];
  }));
  return found;
}

/**
 * A place within the image, on hundredths of a pixel.
 * @param {{width: number, height: number}} size
 * @returns {Point}
 */
export function inside([x, y], { width, height }) {
  const held = (value, most) => Math.round(Math.min(most, Math.max(0, value)) * 100) / 100;
  return [held(x, width), held(y, height)];
}
