/**
 * Binary masks kept in their bounding box, their forms on the wire, and what can be counted on them.
 * Pure: no argument is changed.
 */

/** @import { Plane, Triple } from "./volume.js" */

/** @typedef {[number, number, number, number, number, number]} Box  half-open [z0, z1, y0, y1, x0, x1] */
/** @typedef {{ box: Box, data: Uint8Array }} Mask  one byte a voxel of the box, [k][j][i] */

/** @type {Box} */
const NOWHERE = [0, 0, 0, 0, 0, 0];

export function boxSize([z0, z1, y0, y1, x0, x1]) {
  return (z1 - z0) * (y1 - y0) * (x1 - x0);
}

/**
 * The mask of bytes from the server: one bit a voxel of the box, least bit first.
 * @returns {Mask}
 */
export function unpackBits(bytes, box) {
  const size = boxSize(box);
  if (bytes.length !== Math.ceil(size / 8)) throw new RangeError(`${bytes.length} bytes do not hold ${size} voxels`);
  const data = new Uint8Array(size);
  for (let n = 0; n < size; n++) data[n] = (bytes[n >> 3] >> (n & 7)) & 1;
  return { box, data };
}

/**
 * 1 where the voxel is in the mask; 0 outside its box.
 */
export function at({ box: [z0, z1, y0, y1, x0, x1], data }, z, y, x) {
  if (z < z0 || z >= z1 || y < y0 || y >= y1 || x < x0 || x >= x1) return 0;
  return data[((z - z0) * (y1 - y0) + (y - y0)) * (x1 - x0) + (x - x0)];
}

export function count({ data }) {
  let sum = 0;
  for (let n = 0; n < data.length; n++) sum += data[n];
  return sum;
}

/**
 * Volume in millilitres; null when the spacing is unknown.
 * @param {Triple | null} spacing
 */
export function millilitres(mask, spacing) {
  return spacing ? (count(mask) * spacing[0] * spacing[1] * spacing[2]) / 1000 : null;
}

/**
 * Smallest box that holds all boxes.
 * @returns {Box}
 */
export function hull(boxes) {
  const filled = boxes.filter((box) => boxSize(box) > 0);
  if (!filled.length) return NOWHERE;
  return /** @type {Box} */ (
    filled[0].map((_, n) => (n % 2 ? Math.max : Math.min)(...filled.map((box) => box[n])))
  );
}

/**
 * The same mask in another box; voxels outside the new box are lost.
 * @returns {Mask}
 */
export function recut(mask, box) {
  const data = new Uint8Array(boxSize(box));
  const [z0, z1, y0, y1, x0, x1] = box;
  let n = 0;
  for (let z = z0; z < z1; z++) for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) data[n++] = at(mask, z, y, x);
  return { box, data };
}

/**
 * How many of the masks hold each voxel of their hull.
 * @returns {Mask}
 */
export function votes(masks) {
  const box = hull(masks.map((mask) => mask.box));
  const data = new Uint8Array(boxSize(box));
  for (const mask of masks) {
    const same = recut(mask, box).data;
    for (let n = 0; n < data.length; n++) data[n] += same[n];
  }
  return { box, data };
}

export function union(masks) {
  const { box, data } = votes(masks);
  return { box, data: data.map((sum) => (sum > 0 ? 1 : 0)) };
}

/**
 * Disputed voxels (in some masks, not in all) on each axial slice.
 */
export function disputed(masks, slices) {
  const { box: [z0, z1, y0, y1, x0, x1], data } = votes(masks);
  const out = new Uint32Array(slices);
  const size = (y1 - y0) * (x1 - x0);
  for (let z = z0; z < z1; z++) {
    for (let n = (z - z0) * size; n < (z - z0 + 1) * size; n++) if (data[n] && data[n] < masks.length) out[z]++;
  }
  return out;
}

/**
 * The part of a mask on one slice, in screen order (see volume.js), with its place on the screen's grid.
 * @param {Plane} plane
 * @param {number} nz  slices of the volume, needed because S is up
 * @returns {{x: number, y: number, width: number, height: number, data: Uint8Array} | null}
 */
export function section(mask, plane, index, nz) {
  const [z0, z1, y0, y1, x0, x1] = mask.box;
  const [first, last] = plane === "axial" ? [z0, z1] : plane === "coronal" ? [y0, y1] : [x0, x1];
  if (index < first || index >= last) return null;
  if (plane === "axial") {
    const size = (y1 - y0) * (x1 - x0);
    const data = mask.data.subarray((index - z0) * size, (index - z0 + 1) * size);
    return { x: x0, y: y0, width: x1 - x0, height: y1 - y0, data };
  }
  const [left, width] = plane === "coronal" ? [x0, x1 - x0] : [y0, y1 - y0];
  const data = new Uint8Array(width * (z1 - z0));
  for (let row = 0; row < z1 - z0; row++) {
    for (let column = 0; column < width; column++) {
      const z = z1 - 1 - row;
      data[row * width + column] =
        plane === "coronal" ? at(mask, z, index, left + column) : at(mask, z, left + column, index);
    }
  }
  return { x: left, y: nz - z1, width, height: z1 - z0, data };
}

/**
 * A round brush on one axial slice: which voxels of the slice it covers, by their centres.
 * @param {number} x  centre in voxels
 * @param {number} radius  in voxels, at least 0.5
 * @param {Triple} shape
 * @returns {[number, number][]}  (y, x)
 */
export function disc(x, y, radius, [, ny, nx]) {
  /** @type {[number, number][]} */
  const out = [];
  for (let j = Math.max(0, Math.floor(y - radius)); j < Math.min(ny, y + radius); j++) {
    for (let i = Math.max(0, Math.floor(x - radius)); i < Math.min(nx, x + radius); i++) {
      const centred = (i + 0.5 - x) ** 2 + (j + 0.5 - y) ** 2 <= radius ** 2;
      if (centred || (Math.floor(x) === i && Math.floor(y) === j)) out.push([j, i]);
    }
  }
  return out;
}

/**
 * Run lengths of the whole volume in C order, the first counting zeros, as base64url of LEB128 without
 * padding: the form of a mask label.
 * @param {Triple} shape
 */
export function encodeRuns(mask, [nz, ny, nx]) {
  const [z0, z1, y0, y1, x0, x1] = mask.box;
  if (z1 > nz || y1 > ny || x1 > nx) throw new RangeError("the mask is larger than its image");
  /** @type {number[]} */
  const runs = [];
  let value = 0;
  let start = 0;
  for (let z = z0; z < z1; z++) {
    for (let y = y0; y < y1; y++) {
      const row = (z * ny + y) * nx;
      for (let x = x0; x <= x1; x++) {
        const next = x < x1 ? at(mask, z, y, x) : 0;
        // A mask that fills its row may go on in the next one: the run ends only where a zero follows.
        if (next === value || (x === x1 && x1 === nx && continues(mask, z, y, [nz, ny, nx]))) continue;
        runs.push(row + x - start);
        start = row + x;
        value = next;
      }
    }
  }
  if (nz * ny * nx > start) runs.push(nz * ny * nx - start);
  return base64url(leb128(runs));
}

/** Whether the voxel after the end of row (z, y) is set. */
function continues(mask, z, y, [nz, ny]) {
  if (y + 1 < ny) return at(mask, z, y + 1, 0) === 1;
  return z + 1 < nz && at(mask, z + 1, 0, 0) === 1;
}

/**
 * The mask of a label's runs, in its bounding box.
 * @param {Triple} shape
 * @returns {Mask}
 */
export function decodeRuns(text, [nz, ny, nx]) {
  const whole = new Uint8Array(nz * ny * nx);
  let place = 0;
  let value = 0;
  for (const run of unleb128(unbase64url(text))) {
    whole.fill(value, place, place + run);
    place += run;
    value = 1 - value;
  }
  if (place !== whole.length) throw new RangeError(`the runs cover ${place} voxels, the shape has ${whole.length}`);
  return trimmed({ box: [0, nz, 0, ny, 0, nx], data: whole });
}

/**
 * The same mask in its smallest box.
 * @returns {Mask}
 */
export function trimmed(mask) {
  const [z0, z1, y0, y1, x0, x1] = mask.box;
  const tight = [Infinity, -1, Infinity, -1, Infinity, -1];
  let n = 0;
  for (let z = z0; z < z1; z++) {
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        if (!mask.data[n++]) continue;
        [z, y, x].forEach((value, axis) => {
          tight[2 * axis] = Math.min(tight[2 * axis], value);
          tight[2 * axis + 1] = Math.max(tight[2 * axis + 1], value + 1);
        });
      }
    }
  }
  return recut(mask, tight[1] < 0 ? NOWHERE : /** @type {Box} */ (tight));
}

function leb128(numbers) {
  const bytes = [];
  for (let number of numbers) {
    while (number > 127) {
      bytes.push((number % 128) | 128);
      number = Math.floor(number / 128);
    }
    bytes.push(number);
  }
  return Uint8Array.from(bytes);
}

function unleb128(bytes) {
  const numbers = [];
  let number = 0;
  let factor = 1;
  for (const byte of bytes) {
    number += (byte & 127) * factor;
    factor *= 128;
    if (byte & 128) continue;
    numbers.push(number);
    number = 0;
    factor = 1;
  }
  if (factor !== 1) throw new RangeError("the runs end within a number");
  return numbers;
}

function base64url(bytes) {
  let text = "";
  for (let n = 0; n < bytes.length; n += 8192) text += String.fromCharCode(...bytes.subarray(n, n + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unbase64url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
