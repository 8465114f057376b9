/**
 * One pane: grey pixels on a canvas, everything that people draw in an SVG above it.
 * Draws what the workspace holds; turns mouse acts into calls of the workspace.
 */

import { el, svg } from "../lib/dom.js";
import { path, rings } from "./contour.js";
import { section, votes } from "./mask.js";
import { EDGES, lookup, paint, place, planeSize, planeSpacing, slice } from "./volume.js";

const VIOLET = [106, 0, 255];
const ROUND = [1, 2, 5, 10, 20, 50, 100, 200];

export class SliceView {
  constructor(pane, workspace, plane) {
    Object.assign(this, { pane, workspace, plane });
    this.size = planeSize(workspace.shape, plane);
    this.spacing = planeSpacing(workspace.spacing, plane);
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.drawing = svg("svg", { "aria-hidden": "true" });
    this.note = el("p", { class: "pane-note" });
    pane.append(this.canvas, this.drawing, this.note);
    this.source = document.createElement("canvas");
    Object.assign(this.source, { width: this.size.width, height: this.size.height });
    /** @type {Map<string, string>} */
    this.outlines = new Map();
    this.queued = false;
    workspace.addEventListener("state", () => this.queue());
    new ResizeObserver(() => this.queue()).observe(pane);
    this.listen();
  }

  queue() {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.draw();
    });
  }

  /** Screen pixels a voxel and where the slice begins, from the pane's size and the view. */
  frame() {
    const { clientWidth: width, clientHeight: height } = this.pane;
    const view = this.workspace.views[this.plane];
    const across = this.size.width * this.spacing.across;
    const down = this.size.height * this.spacing.down;
    const scale = Math.min(width / across, height / down) * view.zoom;
    const left = (width - across * scale) / 2 + view.x * scale;
    const top = (height - down * scale) / 2 + view.y * scale;
    return { width, height, scale, left, top, sx: scale * this.spacing.across, sy: scale * this.spacing.down };
  }

  draw() {
    const frame = this.frame();
    if (!frame.width || !frame.height) return;
    const { clientWidth, clientHeight } = this.pane;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: clientWidth * ratio, height: clientHeight * ratio });
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    if (this.workspace.voxels) this.drawVoxels(context, frame);
    else this.drawGrid(context, frame);
    if (this.workspace.map && !this.workspace.bare) this.drawMap(context, frame);
    this.drawShapes(frame);
  }

  drawVoxels(context, frame) {
    const { voxels, shape, index, window: levels, inverted } = this.workspace;
    const image = new ImageData(this.size.width, this.size.height);
    const key = `${levels.center}/${levels.width}/${inverted}`;
    if (this.tableKey !== key) Object.assign(this, { tableKey: key, table: lookup(levels, inverted) });
    paint(slice(voxels, shape, this.plane, index[this.plane]), this.table, new Uint32Array(image.data.buffer));
    (this.source.getContext("2d")).putImageData(image, 0, 0);
    context.imageSmoothingEnabled = frame.sx < 6;
    context.drawImage(this.source, frame.left, frame.top, this.size.width * frame.sx, this.size.height * frame.sy);
  }

  /** Where the pixels are not part of the data set: a neutral grid, one line each 10 mm (or pixels). */
  drawGrid(context, frame) {
    const right = frame.left + this.size.width * frame.sx;
    const bottom = frame.top + this.size.height * frame.sy;
    context.fillStyle = "#101417";
    context.fillRect(frame.left, frame.top, right - frame.left, bottom - frame.top);
    context.strokeStyle = "#1f262b";
    context.beginPath();
    const step = 10 * frame.scale;
    if (step >= 6) {
      for (let x = frame.left; x <= right; x += step) context.rect(Math.round(x) + 0.5, frame.top, 0, bottom - frame.top);
      for (let y = frame.top; y <= bottom; y += step) context.rect(frame.left, Math.round(y) + 0.5, right - frame.left, 0);
    }
    context.stroke();
  }

  /** 4p(1−p) over the readers switched on, in violet, at most 45 % opaque. */
  drawMap(context, frame) {
    const shown = this.workspace.visible().filter((overlay) => overlay.mask);
    const sum = votes(shown.map((overlay) => overlay.mask));
    const part = section(sum, this.plane, this.workspace.index[this.plane], this.workspace.shape[0]);
    if (!part || !part.width || shown.length < 2) return;
    const image = new ImageData(part.width, part.height);
    part.data.forEach((count, n) => {
      const share = count / shown.length;
      image.data.set([...VIOLET, Math.round(255 * 0.45 * 4 * share * (1 - share))], n * 4);
    });
    const small = Object.assign(document.createElement("canvas"), { width: part.width, height: part.height });
    small.getContext("2d")?.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    const [x, y] = [frame.left + part.x * frame.sx, frame.top + part.y * frame.sy];
    context.drawImage(small, x, y, part.width * frame.sx, part.height * frame.sy);
  }

  drawShapes(frame) {
    const { workspace } = this;
    this.drawing.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
    const parts = [];
    const final = workspace.final();
    const all = workspace.visible().map((overlay) => ({ overlay, css: `r-${overlay.letter.toLowerCase()}` }));
    if (final) all.push({ overlay: { ...final, letter: final.name ?? "Final" }, css: "r-final" });
    all.forEach(({ overlay, css }, order) => {
      const d = this.outline(overlay);
      if (!d) return;
      const move = `matrix(${frame.sx} 0 0 ${frame.sy} ${frame.left} ${frame.top})`;
      parts.push(svg("path", { d, class: "halo", transform: move }));
      parts.push(svg("path", { d, class: `outline ${css}`, transform: move, "data-reader": overlay.letter }));
      parts.push(this.tag(d, frame, { letter: overlay.letter, css, order, of: all.length }));
    });
    if (this.plane !== "axial" || this.workspace.tool === "crosshair") parts.push(...this.crosshair(frame));
    parts.push(...this.edges(frame), ...this.scaleBar(frame));
    this.drawing.replaceChildren(...parts);
  }

  /** Path data of an overlay on this slice, in voxels of the screen's grid. */
  outline(overlay) {
    const { index, shape, revision } = this.workspace;
    const at = index[this.plane];
    if (overlay.rings && this.plane === "axial") {
      return path(overlay.rings.filter((ring) => ring.slice === at).map((ring) => ring.points));
    }
    if (!overlay.mask) return "";
    const key = `${overlay.letter}/${revision}/${at}`;
    if (!this.outlines.has(key)) {
      if (this.outlines.size > 400) this.outlines.clear();
      const part = section(overlay.mask, this.plane, at, shape[0]);
      this.outlines.set(key, part ? path(rings(part.data, part.width, part.height), part.x, part.y) : "");
    }
    return this.outlines.get(key) ?? "";
  }

  /** The letter stands outside its outline, each reader in another direction, so that tags dodge each other. */
  tag(d, frame, { letter, css, order, of }) {
    const angle = ((order + 0.5) / Math.max(of, 1)) * 2 * Math.PI - Math.PI / 2;
    const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
    let best = [0, 0];
    let most = -Infinity;
    for (const match of d.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)) {
      const [x, y] = [frame.left + Number(match[1]) * frame.sx, frame.top + Number(match[2]) * frame.sy];
      if (x * ux + y * uy > most) [best, most] = [[x, y], x * ux + y * uy];
    }
    const margin = 8 + letter.length * 5;
    const x = Math.min(frame.width - margin, Math.max(margin, best[0] + ux * (8 + margin / 2)));
    const y = Math.min(frame.height - 10, Math.max(14, best[1] + uy * 14 + 4));
    return svg("text", { x, y, class: `tag ${css}`, "text-anchor": "middle" }, letter);
  }

  crosshair(frame) {
    if (this.workspace.shape[0] < 2) return [];
    const { axial, coronal, sagittal } = this.workspace.index;
    const column = this.plane === "sagittal" ? coronal : sagittal;
    const row = this.plane === "axial" ? coronal : this.workspace.shape[0] - 1 - axial;
    const [x, y] = [frame.left + (column + 0.5) * frame.sx, frame.top + (row + 0.5) * frame.sy];
    const lines = [svg("path", { d: `M0 ${y}H${frame.width}`, class: "cross" })];
    if (this.plane !== "axial") return lines;
    return [svg("path", { d: `M0 ${y}H${x - 40}M${x + 40} ${y}H${frame.width}M${x} 0V${y - 40}M${x} ${y + 40}V${frame.height}`, class: "cross" })];
  }

  edges(frame) {
    if (!this.workspace.oriented) return [];
    const [left, right, top, bottom] = EDGES[this.plane];
    const [x, y] = [frame.width / 2, frame.height / 2];
    const place = [[left, 12, y], [right, frame.width - 12, y], [top, x, 18], [bottom, x, frame.height - 8]];
    return place.map(([letter, px, py]) => svg("text", { x: px, y: py, class: "edge", "text-anchor": "middle" }, letter));
  }

  scaleBar(frame) {
    const known = Boolean(this.workspace.spacing);
    const length = ROUND.filter((value) => value * frame.scale <= Math.min(140, frame.width / 3)).pop();
    if (!length || this.plane !== "axial") return [];
    const [x, y] = [frame.width - 24 - length * frame.scale, frame.height - 16];
    const bar = `M${x} ${y - 4}V${y}H${x + length * frame.scale}V${y - 4}`;
    const words = `${length} ${known ? "mm" : "pixels"}`;
    return [svg("path", { d: bar, class: "scale" }), svg("text", { x: frame.width - 24, y: y - 8, class: "scale-words", "text-anchor": "end" }, words)];
  }

  /** Fit a part of the slice, [y0, y1, x0, x1] in voxels, or the whole. */
  fit(part) {
    const view = this.workspace.views[this.plane];
    if (!part) Object.assign(view, { zoom: 1, x: 0, y: 0 });
    else {
      const [y0, y1, x0, x1] = part;
      const share = Math.max((x1 - x0) / this.size.width, (y1 - y0) / this.size.height);
      Object.assign(view, {
        zoom: Math.min(40, Math.max(1, 0.55 / share)),
        x: (this.size.width / 2 - (x0 + x1) / 2) * this.spacing.across,
        y: (this.size.height / 2 - (y0 + y1) / 2) * this.spacing.down,
      });
    }
    this.workspace.changed();
  }

  zoomBy(factor) {
    const view = this.workspace.views[this.plane];
    view.zoom = Math.min(40, Math.max(0.5, view.zoom * factor));
    this.workspace.changed();
  }

  /** Voxel under the pointer on the screen's grid. */
  under(event) {
    const frame = this.frame();
    const box = this.pane.getBoundingClientRect();
    return { x: (event.clientX - box.left - frame.left) / frame.sx, y: (event.clientY - box.top - frame.top) / frame.sy };
  }

  listen() {
    const { pane, workspace, plane } = this;
    pane.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.ctrlKey) this.zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15);
      else workspace.moveTo(plane, workspace.index[plane] + Math.sign(event.deltaY));
    }, { passive: false });
    pane.addEventListener("contextmenu", (event) => event.preventDefault());
    pane.addEventListener("pointerdown", (event) => this.press(event));
    pane.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) pane.addEventListener(name, () => this.letGo());
  }

  /** Which act a press begins: the tool on the left button, fixed acts on the others. */
  actOf(event) {
    if (event.button === 1) return "pan";
    if (event.button === 2) return "zoom";
    if (event.shiftKey) return "window";
    const { tool } = this.workspace;
    return this.plane === "axial" || !["brush", "eraser"].includes(tool) ? tool : "crosshair";
  }

  press(event) {
    this.pane.focus({ preventScroll: true });
    event.preventDefault();
    this.pane.setPointerCapture(event.pointerId);
    this.act = this.actOf(event);
    if ((this.act === "brush" || this.act === "eraser") && !this.workspace.startPainting()) {
      this.act = null;
      this.workspace.say(this.workspace.readOnly ? "The case is no longer held: read-only" : "No drawing over a blank: the pixels are not here");
    }
    this.last = { x: event.clientX, y: event.clientY };
    this.drag(event);
  }

  drag(event) {
    if (!this.act || !this.last) return;
    const [dx, dy] = [event.clientX - this.last.x, event.clientY - this.last.y];
    const view = this.workspace.views[this.plane];
    const { x, y } = this.under(event);
    if (this.act === "pan") {
      const { scale } = this.frame();
      Object.assign(view, { x: view.x + dx / scale, y: view.y + dy / scale });
      this.workspace.changed();
    } else if (this.act === "zoom") this.zoomBy(1.01 ** -dy);
    else if (this.act === "window") this.workspace.adjustWindow(dx, dy);
    else if (this.act === "crosshair") {
      this.workspace.lookAt(place(this.workspace.shape, this.plane, this.workspace.index[this.plane], x, y));
    } else this.paintTo(x, y);
    this.last = { x: event.clientX, y: event.clientY };
  }

  /** Discs along the way, so that a fast stroke has no gaps. */
  paintTo(x, y) {
    const from = this.painted ?? { x, y };
    const steps = Math.max(1, Math.ceil(Math.hypot(x - from.x, y - from.y) / Math.max(0.5, this.workspace.radius / 2)));
    for (let n = 1; n <= steps; n++) {
      this.workspace.paintAt(from.x + ((x - from.x) * n) / steps, from.y + ((y - from.y) * n) / steps);
    }
    this.painted = { x, y };
  }

  letGo() {
    if (this.act === "brush" || this.act === "eraser") this.workspace.endPainting();
    Object.assign(this, { act: null, last: null, painted: null });
  }
}
