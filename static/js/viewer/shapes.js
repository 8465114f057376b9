/**
 * Drawn outlines (polygons on slices): the rings of a slice, their extent, and the pixels they cover.
 * The pixels serve the disagreement map and the jump to the next disputed slice only; what is signed is
 * always a reading as the server holds it. Pure.
 */

/** @import { Box, Mask } from "./mask.js" */
/** @typedef {{slice: number, hole?: boolean, points: [number, number][]}} Ring */

/**
 * Rings in drawing coordinates, where a pixel covers [x, x + 1). Rings traced over pixel centres
 * ("outline_excluded") name pixels, so half a pixel is added.
 * @param {Ring[]} rings
 * @param {string} [rule]
 * @returns {Ring[]}
 */
export function drawn(rings, rule) {
  const shift = rule === "outline_excluded" ? 0.5 : 0;
  return rings.map((ring) => ({ ...ring, points: ring.points.map(([x, y]) => [x + shift, y + shift]) }));
}

/**
 * @param {Ring[]} rings
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
 * @param {Ring[]} rings
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
