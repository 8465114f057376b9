/**
 * Grey volumes: voxels in [k][j][i] order on the patient's axes (LPS) → slices as a radiologist sees them.
 * Pure: arrays in, arrays out.
 */

/** @typedef {"axial" | "coronal" | "sagittal"} Plane */
/** @typedef {[number, number, number]} Triple  along (z, y, x) */

/** @type {readonly Plane[]} */
export const PLANES = ["axial", "coronal", "sagittal"];

/**
 * Edge letters, radiological view: the patient's left is on the right of the screen, anterior is on the
 * left of a sagittal pane. [left, right, top, bottom].
 * @type {Record<Plane, [string, string, string, string]>}
 */
export const EDGES = {
  axial: ["R", "L", "A", "P"],
  coronal: ["R", "L", "S", "I"],
  sagittal: ["A", "P", "S", "I"],
};

/**
 * Size of a plane on the screen's grid, in voxels, and how many slices it has.
 * @param {Triple} shape
 * @param {Plane} plane
 */
export function planeSize([nz, ny, nx], plane) {
  if (plane === "axial") return { width: nx, height: ny, count: nz };
  if (plane === "coronal") return { width: nx, height: nz, count: ny };
  return { width: ny, height: nz, count: nx };
}

/**
 * Millimetres a voxel across and down the screen; 1 × 1 when the spacing is unknown.
 * @param {Triple | null} spacing
 * @param {Plane} plane
 */
export function planeSpacing(spacing, plane) {
  const { width, height } = planeSize(spacing ?? [1, 1, 1], plane);
  return { across: width, down: height };
}

/**
 * One slice in screen order (rows from top). S is up in coronal and sagittal planes, so rows run from the
 * last slice to the first.
 * @param {ArrayLike<number>} voxels
 * @param {Triple} shape
 * @param {Plane} plane
 * @returns {Int16Array}
 */
export function slice(voxels, [nz, ny, nx], plane, index) {
  const { width, height } = planeSize([nz, ny, nx], plane);
  const out = new Int16Array(width * height);
  if (plane === "axial") {
    const start = index * ny * nx;
    for (let n = 0; n < out.length; n++) out[n] = voxels[start + n];
    return out;
  }
  const step = plane === "coronal" ? 1 : nx;
  const offset = plane === "coronal" ? index * nx : index;
  for (let row = 0; row < height; row++) {
    let from = (nz - 1 - row) * ny * nx + offset;
    for (let column = 0; column < width; column++, from += step) out[row * width + column] = voxels[from];
  }
  return out;
}

/**
 * Grey of a stored value under a window (linear, DICOM PS3.3 C.11.2.1.2.1 without its half-unit shift).
 * @param {{center: number, width: number}} window
 */
export function grey(value, { center, width }) {
  return Math.min(255, Math.max(0, Math.round(((value - center) / Math.max(width, 1) + 0.5) * 255)));
}

/**
 * Table of greys for each 16-bit value, as opaque little-endian RGBA words.
 * @param {{center: number, width: number}} window
 */
export function lookup(window, inverted = false) {
  const table = new Uint32Array(65536);
  for (let n = 0; n < 65536; n++) {
    const shade = grey(n - 32768, window);
    table[n] = 0xff000000 | ((inverted ? 255 - shade : shade) * 0x010101);
  }
  return table;
}

/**
 * Paint a slice through a table into RGBA words.
 * @param {Int16Array} values
 * @param {Uint32Array} table
 * @param {Uint32Array} words
 */
export function paint(values, table, words) {
  for (let n = 0; n < values.length; n++) words[n] = table[values[n] + 32768];
}

/**
 * Least and greatest value.
 * @param {ArrayLike<number>} voxels
 */
export function extent(voxels) {
  let low = Infinity;
  let high = -Infinity;
  for (let n = 0; n < voxels.length; n++) {
    if (voxels[n] < low) low = voxels[n];
    if (voxels[n] > high) high = voxels[n];
  }
  return { low, high };
}

/**
 * Windows for the keys 1…5. Hounsfield windows are offered only where values reach air (below −200).
 * @param {{center: number, width: number}} own
 * @param {{low: number, high: number}} range
 */
export function presets(own, { low, high }) {
  const first = { name: "Default", ...own };
  const full = { name: "Full range", center: (low + high) / 2, width: Math.max(high - low, 1) };
  if (low < -200) {
    return [
      first,
      { name: "Soft tissue", center: 40, width: 400 },
      { name: "Lung", center: -600, width: 1500 },
      { name: "Bone", center: 400, width: 1800 },
      full,
    ];
  }
  const narrow = { name: "Narrow", center: own.center, width: own.width / 2 };
  const wide = { name: "Wide", center: own.center, width: own.width * 2 };
  return [first, full, narrow, wide, { name: "Bright", center: own.center * 0.6, width: own.width }];
}

/**
 * Place a click in a pane on the three axes.
 * @param {Triple} shape
 * @param {Plane} plane
 * @param {number} x  column on the screen's grid, in voxels
 * @param {number} y  row on the screen's grid, in voxels
 * @returns {Record<Plane, number>}
 */
export function place([nz, ny, nx], plane, index, x, y) {
  const at = (/** @type {number} */ value, /** @type {number} */ count) => Math.min(count - 1, Math.max(0, Math.floor(value)));
  if (plane === "axial") return { axial: index, coronal: at(y, ny), sagittal: at(x, nx) };
  if (plane === "coronal") return { axial: nz - 1 - at(y, nz), coronal: index, sagittal: at(x, nx) };
  return { axial: nz - 1 - at(y, nz), coronal: at(x, ny), sagittal: index };
}
