/**
 * The state of one case on the screen. The only place that changes it; fires "state" when it did and "said"
 * with words for the status line. Knows no element and no address.
 */

/** @import { Mask } from "./mask.js" */
/** @import { Plane, Triple } from "./volume.js" */
/** @import { Drawn } from "./contour.js" */

import { count, disc, disputed, hull, millilitres, recut } from "./mask.js";
import { History } from "./history.js";
import { bounds, rasterised } from "./contour.js";
import { PLANES, extent, planeSize, presets } from "./volume.js";

/** @typedef {{ letter: string, kind: string, mask: Mask | null, rings: Drawn[] | null, missing?: boolean }} Overlay */
/** @typedef {{ decision: string, letter?: string, words: string }} Answer */

export const NO_MASK = { box: [0, 0, 0, 0, 0, 0], data: new Uint8Array(0) };
const SIZES = [0.5, 1, 1.5, 2.5, 4, 6, 9, 13, 20];

export class Workspace extends EventTarget {
  /**
   * @param {{ shape: Triple, spacing: Triple | null, oriented: boolean, window: {center: number, width: number} | null,
   *   start: number, letters: string[] }} options
   */
  constructor({ shape, spacing, oriented, window, start, letters }) {
    super();
    Object.assign(this, { shape, spacing, oriented, letters, given: window });
    this.own = window ?? { center: 128, width: 256 };
    this.window = this.own;
    /** @type {Int16Array | null} */
    this.voxels = null;
    this.received = 0;
    this.readOnly = false;
    this.presets = [{ name: "Default", ...this.own }];
    this.index = { axial: this.within("axial", start), coronal: shape[1] >> 1, sagittal: shape[2] >> 1 };
    this.views = Object.fromEntries(PLANES.map((plane) => [plane, { zoom: 1, x: 0, y: 0 }]));
    /** @type {Overlay[]} */
    this.overlays = [];
    /** @type {Overlay | null} */
    this.consensus = null;
    /** @type {Record<string, Overlay>} */
    this.combined = {};
    this.hidden = new Set();
    this.bare = false;
    this.map = false;
    this.inverted = false;
    this.tool = "crosshair";
    this.size = 3;
    this.revision = 0;
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {Mask | null} */
    this.painted = null;
    this.history = new History();
  }

  changed() {
    this.dispatchEvent(new Event("state"));
  }

  say(words) {
    this.dispatchEvent(new CustomEvent("said", { detail: words }));
    this.changed();
  }

  /** @param {Plane} plane */
  within(plane, index) {
    return Math.min(planeSize(this.shape, plane).count - 1, Math.max(0, index));
  }

  /** @param {Int16Array} voxels */
  load(voxels, received) {
    this.voxels = voxels;
    this.received = received;
    this.changed();
  }

  loaded() {
    const { low, high } = extent(this.voxels);
    if (!this.given) this.window = this.own = { center: (low + high) / 2, width: Math.max(high - low, 1) };
    this.presets = presets(this.own, { low, high });
    this.changed();
  }

  /**
   * @param {Overlay[]} overlays
   * @param {Overlay | null} consensus
   * @param {Record<string, Overlay>} combined  union and intersection, as the server made them
   */
  setOverlays(overlays, consensus, combined = {}) {
    Object.assign(this, { overlays, consensus, combined });
    for (const overlay of [...overlays, ...(consensus ? [consensus] : []), ...Object.values(combined)]) {
      if (!overlay.mask && overlay.rings) overlay.mask = rasterised(overlay.rings);
    }
    const masks = this.masks();
    this.box = hull(masks.map((mask) => mask.box));
    this.disputedBySlice = disputed(masks, this.shape[0]);
    const [z0, z1, y0, y1, x0, x1] = this.box;
    if (z1 > z0) Object.assign(this.index, { coronal: (y0 + y1) >> 1, sagittal: (x0 + x1) >> 1 });
    this.revision += 1;
    this.changed();
  }

  /** Of every reader who marked it. */
  masks() {
    return this.overlays.flatMap((overlay) => (overlay.mask ? [overlay.mask] : []));
  }

  visible() {
    return this.bare ? [] : this.overlays.filter((overlay) => !this.hidden.has(overlay.letter));
  }

  /** The outline of the answer as it would be signed; null where it has none. */
  final() {
    if (this.bare || !this.answer) return null;
    if (this.answer.decision === "own") return this.painted ? { letter: "Final", kind: "mask", mask: this.painted, rings: null } : null;
    if (this.answer.decision === "consensus") return this.consensus;
    if (this.combined[this.answer.decision]) return this.combined[this.answer.decision];
    return this.overlays.find((overlay) => overlay.letter === this.answer?.letter) ?? null;
  }

  /** @param {Plane} plane */
  moveTo(plane, index) {
    const next = this.within(plane, index);
    if (next === this.index[plane]) return;
    this.index[plane] = next;
    if (plane === "axial") this.say(`Slice ${next + 1} of ${planeSize(this.shape, plane).count}`);
    else this.changed();
  }

  /** @param {1 | -1} way */
  moveToDisputed(way) {
    const slices = this.disputedBySlice ?? new Uint32Array(0);
    for (let z = this.index.axial + way; z >= 0 && z < slices.length; z += way) {
      if (!slices[z]) continue;
      this.index.axial = z;
      this.say(`Slice ${z + 1}: readers differ in ${slices[z].toLocaleString("en-GB")} pixels`);
      return;
    }
    this.say(way > 0 ? "No later slice where readers differ" : "No earlier slice where readers differ");
  }

  /** @param {Record<Plane, number>} places */
  lookAt(places) {
    Object.assign(this.index, places);
    this.changed();
  }

  toggleReader(letter) {
    const shown = this.hidden.delete(letter);
    if (!shown) this.hidden.add(letter);
    this.say(`${letter} ${shown ? "shown" : "hidden"}`);
  }

  setBare(bare) {
    if (this.bare === bare) return;
    this.bare = bare;
    this.changed();
  }

  toggleMap() {
    this.map = !this.map;
    this.say(this.map ? "Disagreement map on: violet where readers differ most" : "Disagreement map off");
  }

  setPreset(number) {
    const preset = this.presets[number];
    if (!preset) return;
    this.window = { center: preset.center, width: preset.width };
    this.say(`${preset.name} window, level ${Math.round(preset.center)}, width ${Math.round(preset.width)}`);
  }

  adjustWindow(across, down) {
    const step = Math.max(this.own.width / 400, 0.25);
    this.window = { center: this.window.center + down * step, width: Math.max(1, this.window.width + across * step) };
    this.changed();
  }

  invert() {
    this.inverted = !this.inverted;
    this.say(this.inverted ? "Greys inverted" : "Greys as stored");
  }

  setTool(tool) {
    this.tool = tool;
    this.say(`${tool[0].toUpperCase()}${tool.slice(1)}${tool === "brush" || tool === "eraser" ? `, ${this.radius * 2} pixels` : ""}`);
  }

  get radius() {
    return SIZES[this.size];
  }

  resize(by) {
    this.size = Math.min(SIZES.length - 1, Math.max(0, this.size + by));
    this.say(`Brush ${this.radius * 2} pixels`);
  }

  /**
   * Change the answer; one step of undo.
   * @param {Answer | null} answer
   * @param {Mask | null} painted
   */
  decide(answer, painted = null) {
    if (this.readOnly) return;
    const before = { answer: this.answer, painted: this.painted };
    const set = (state) => {
      Object.assign(this, state);
      this.revision += 1;
      this.dispatchEvent(new Event("decision"));
    };
    set({ answer, painted });
    const words = answer ? answer.words : "No answer";
    this.history.push({ words, undo: () => set(before), redo: () => set({ answer, painted }) });
    this.say(words);
  }

  /** Begin to paint: the answer on the screen becomes an own answer. */
  startPainting() {
    if (this.readOnly || !this.voxels) return false;
    const base = this.final()?.mask ?? NO_MASK;
    if (this.answer?.decision !== "own") {
      const source = this.answer ? `${this.answer.words}, edited` : "Own outline";
      this.decide({ decision: "own", words: source }, base);
    }
    this.stroke = this.painted ?? NO_MASK;
    return true;
  }

  /** @param {number} x  in voxels of the axial slice */
  paintAt(x, y) {
    const z = this.index.axial;
    const spots = disc(x, y, this.radius, this.shape);
    if (!spots.length) return;
    const value = this.tool === "brush" ? 1 : 0;
    const mask = this.painted;
    const ys = spots.map(([j]) => j);
    const xs = spots.map(([, i]) => i);
    const reach = hull([mask.box, [z, z + 1, Math.min(...ys), Math.max(...ys) + 1, Math.min(...xs), Math.max(...xs) + 1]]);
    const grown = recut(mask, value ? reach : mask.box);
    const [z0, z1, y0, y1, x0, x1] = grown.box;
    if (z >= z0 && z < z1) {
      for (const [j, i] of spots) {
        if (j >= y0 && j < y1 && i >= x0 && i < x1) grown.data[((z - z0) * (y1 - y0) + j - y0) * (x1 - x0) + i - x0] = value;
      }
    }
    this.painted = grown;
    this.revision += 1;
    this.changed();
  }

  /** One stroke is one undo entry. */
  endPainting() {
    const [before, after] = [this.stroke, this.painted];
    if (!before || before === after) return;
    const set = (mask) => {
      this.painted = mask;
      this.revision += 1;
      this.dispatchEvent(new Event("decision"));
    };
    const words = this.tool === "brush" ? "Brush stroke" : "Eraser stroke";
    this.history.push({ words, undo: () => set(before), redo: () => set(after) });
    this.stroke = null;
    if (this.answer && !this.answer.words.endsWith("edited") && this.answer.words !== "Own outline") {
      this.answer = { ...this.answer, words: `${this.answer.words}, edited` };
    }
    this.dispatchEvent(new Event("decision"));
    this.say(`${words}, ${this.amount(after)}`);
  }

  undo() {
    const words = this.readOnly ? null : this.history.undo();
    this.say(words ? `Undone: ${words}` : "Nothing to undo");
  }

  redo() {
    const words = this.readOnly ? null : this.history.redo();
    this.say(words ? `Done again: ${words}` : "Nothing to do again");
  }

  amount(mask) {
    const volume = millilitres(mask, this.spacing);
    if (volume === null) return `${count(mask).toLocaleString("en-GB")} voxels`;
    return volume >= 1 ? `${volume.toFixed(1)} mL` : `${(volume * 1000).toFixed(0)} mm³`;
  }

  /** Extent of everything drawn, [y0, y1, x0, x1], or null. */
  extentOfFinding() {
    const drawn = this.overlays.flatMap((overlay) => (overlay.rings ? [bounds(overlay.rings)] : [overlay.mask?.box ?? null]));
    const [z0, z1, y0, y1, x0, x1] = hull(drawn.filter(Boolean));
    return z1 > z0 ? [y0, y1, x0, x1] : null;
  }
}
