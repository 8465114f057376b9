/** The image of one case with the reader's own drawing on it: brush, outline, ruler, and a cursor for the keyboard. */

/** @import { Answers } from "./answers.js" */

import { drawn, rasterised } from "../viewer/contour.js";
import { planeSize, planeSpacing } from "../viewer/volume.js";
import { Workspace } from "../viewer/workspace.js";
import { NOBODY, isEmpty } from "./answers.js";
import { crosses, inside, length } from "./geometry.js";
import { ringsOf } from "./kinds.js";

const DRAWN = ["mask", "polygon", "box", "landmarks"];
const TOOLS = { brush: "mask", eraser: "mask", polygon: "polygon", box: "box", point: "landmarks", ruler: "measurement" };

export class Board extends Workspace {
  /** @param {Answers} answers */
  constructor(options, answers) {
    super(options);
    this.answers = answers;
    this.history = answers.history;
    /** Points of the outline that is being clicked, and the point that is dragged. */
    this.ring = null;
    this.moving = null;
    this.ruler = null;
    /** First corner of the box that is being drawn, and the point that the next click sets. */
    this.corner = null;
    this.point = null;
    /** @type {{x: number, y: number} | null} */
    this.cursor = null;
    this.shapes = new WeakMap();
    answers.addEventListener("change", () => this.refresh());
    this.refresh();
  }

  get question() {
    return this.answers.question();
  }

  refresh() {
    const several = this.answers.questions.filter((question) => DRAWN.includes(question.kind)).length > 1;
    const drawnCode = this.drawnCode();
    const active = drawnCode && `${drawnCode}|${this.answers.markOf(drawnCode)}`;
    this.overlays = [];
    for (const [key, value] of this.answers.values) {
      const [code, mark] = key.split("|");
      if (!DRAWN.includes(value.kind) || (key === active && value.kind !== "landmarks")) continue;
      const { number, choices } = this.answers.question(code);
      if (value.kind === "landmarks") {
        this.overlays.push(...this.pointsOf(value, choices));
        continue;
      }
      this.overlays.push({ letter: several ? `${number}.${mark || 1}` : mark || "1", kind: value.kind, ...this.outlineOf(value, code) });
    }
    this.revision += 1;
    this.changed();
  }

  /**
   * The drawn question in hand: the current one or that whose findings it describes, else the one drawn last.
   * @returns {string | undefined}
   */
  drawnCode() {
    const question = this.question;
    const [meant, first] = [this.answers.question(question?.about || question?.code), this.answers.questions.find(({ kind }) => DRAWN.includes(kind))];
    if (meant && DRAWN.includes(meant.kind)) this.last = meant.code;
    return this.last ?? first?.code;
  }

  /** Mask and rings of a drawn answer. */
  outlineOf(value, code) {
    if (value.kind === "mask") return { mask: value.mask, rings: null };
    if (!this.shapes.has(value)) {
      const rings = value.kind === "polygon" ? drawn(value.rings, value.rule ?? this.answers.question(code).rule) : ringsOf(value);
      this.shapes.set(value, { rings, mask: rasterised(rings) });
    }
    return this.shapes.get(value);
  }

  /** Each point that is set, under its own name. */
  pointsOf(value, choices) {
    return choices.filter(({ code }) => value.points[code]).map(({ code, title }) => {
      const rings = ringsOf({ points: { [code]: value.points[code] } });
      return { letter: title, kind: "polygon", rings, mask: rasterised(rings) };
    });
  }

  final() {
    if (this.bare) return null;
    const code = this.drawnCode();
    const mark = code ? this.answers.markOf(code) : "";
    const name = mark ? `Mark ${mark}` : "Yours";
    if (this.stroke) return { name, kind: "mask", mask: this.painted, rings: null };
    if (this.moving) return { name, kind: "polygon", mask: null, rings: this.moving.rings };
    const value = code && this.answers.get(code);
    return value && DRAWN.includes(value.kind) && value.kind !== "landmarks" ? { name, kind: value.kind, ...this.outlineOf(value, code) } : null;
  }

  /** The rings of the current outline on this slice, in drawing coordinates. */
  activeRings() {
    const final = this.final();
    return (final?.rings ?? []).filter((ring) => ring.slice === this.index.axial);
  }

  /** Go to a question that a tool answers; false where there is none or no image to draw on. */
  ready(tool) {
    const kind = TOOLS[tool];
    if (kind !== "measurement" && !this.voxels) {
      this.say("No drawing over a blank: the pixels are not here");
      return false;
    }
    if (this.question?.kind === kind) return true;
    const other = this.answers.questions.find((question) => question.kind === kind);
    if (!other) this.say("No question here is answered with this tool");
    else this.answers.setCurrent(other.code);
    return Boolean(other);
  }

  setTool(tool) {
    if (TOOLS[tool] && !this.ready(tool)) return;
    if ((this.ring && tool !== "polygon") || (this.corner && tool !== "box")) this.cancelRing();
    super.setTool(tool);
  }

  startPainting() {
    if (!this.ready("brush")) return false;
    const { code } = this.question;
    this.answers.markToFill(code);
    const value = this.answers.get(code);
    this.painted = value?.kind === "mask" ? value.mask : NOBODY;
    this.stroke = this.painted;
    return true;
  }

  endPainting() {
    const [before, after] = [this.stroke, this.painted];
    this.stroke = null;
    if (!before || before === after) return;
    const words = this.tool === "brush" ? "Brush stroke" : "Eraser stroke";
    this.answers.set(this.question.code, isEmpty(after) ? undefined : { kind: "mask", mask: after }, words);
    this.say(`${words}, ${this.amount(after)}`);
  }

  addPoint(x, y) {
    if (!this.ready("polygon")) return;
    const point = inside([x, y], planeSize(this.shape, "axial"));
    if (this.ring && this.ring.slice !== this.index.axial) {
      this.say("The open outline is on another slice: Enter closes it, Esc leaves it");
      return;
    }
    this.ring = { slice: this.index.axial, points: [...(this.ring?.points ?? []), point] };
    this.say(`Point ${this.ring.points.length}. Enter closes the outline, Esc leaves it`);
  }

  closeRing() {
    if (!this.ring) return;
    const { slice, points } = this.ring;
    if (points.length < 3) return this.say("An outline needs three points");
    if (crosses(points)) return this.say("The outline crosses itself: Delete takes its last point back, Esc leaves it");
    const { code } = this.question;
    this.answers.markToFill(code);
    this.ring = null;
    const value = this.answers.get(code);
    const rings = value?.kind === "polygon" ? value.rings : [];
    this.keep([...rings, { slice, hole: false, points: this.unshifted(points) }], "Outline");
    return this.say(`Outline of ${points.length} points on slice ${slice + 1}`);
  }

  keep(rings, words) {
    this.answers.set(this.question.code, { kind: "polygon", rule: this.question.rule, rings }, words);
  }

  /** Stored points of drawn ones: under "outline_excluded" they name pixels. */
  unshifted(points) {
    if (this.question.rule !== "outline_excluded") return points;
    const [, ny, nx] = this.shape;
    return points.map(([x, y]) => inside([x - 0.5, y - 0.5], { width: nx - 1, height: ny - 1 }));
  }

  takePointBack() {
    const points = this.ring.points.slice(0, -1);
    this.ring = points.length ? { ...this.ring, points } : null;
    this.say(`${points.length} points`);
  }

  cancelRing() {
    this.ring = null;
    this.ruler = null;
    this.corner = null;
    this.say("Left");
  }

  /** Begin to drag a point: ring and point are counted among those of this slice. */
  grab({ ring, point }) {
    const rings = this.final().rings;
    const index = rings.indexOf(this.activeRings()[ring]);
    this.moving = { rings, index, point };
  }

  drag(x, y) {
    const { index, point } = this.moving;
    const moved = inside([x, y], planeSize(this.shape, "axial"));
    const rings = this.moving.rings.map((ring, n) => (n === index ? { ...ring, points: ring.points.map((old, m) => (m === point ? moved : old)) } : ring));
    this.moving = { ...this.moving, rings };
    this.revision += 1;
    this.changed();
  }

  drop() {
    const { rings, index } = this.moving;
    this.moving = null;
    if (crosses(rings[index].points)) {
      this.refresh();
      return this.say("The outline would cross itself: the point is back where it was");
    }
    const value = this.answers.get(this.question.code);
    const points = this.unshifted(rings[index].points);
    return this.keep(value.rings.map((ring, n) => (n === index ? { ...ring, points } : ring)), "Point moved");
  }

  /** First or second end of the ruler; the second writes the length into the current question. */
  rulerPoint(plane, x, y) {
    if (!this.spacing) return this.say("The spacing of this image is not known, so nothing is measured in mm");
    if (!this.ready("ruler")) return null;
    const point = [x, y];
    const open = this.ruler && !this.ruler.end && this.ruler.plane === plane && this.ruler.slice === this.index[plane];
    if (!open) {
      this.ruler = { plane, slice: this.index[plane], start: point, end: null };
      return this.say("Ruler: the second end");
    }
    this.ruler = { ...this.ruler, end: point };
    const mm = length(this.ruler.start, point, planeSpacing(this.spacing, plane));
    const { code, unit } = this.question;
    const factor = { mm: 1, cm: 0.1 }[unit];
    if (!factor) return this.say(`${mm.toFixed(1)} mm; this question asks for ${unit}`);
    const number = Math.round(mm * factor * 10) / 10;
    this.answers.set(code, { kind: "measurement", number, unit }, `Ruler: ${number} ${unit}`);
    return this.say(`${number} ${unit}`);
  }

  /** First or opposite corner of a box; the second makes it, one slice deep or as deep as it was. */
  boxPoint(x, y) {
    if (!this.ready("box")) return null;
    const point = inside([x, y], planeSize(this.shape, "axial"));
    if (!this.corner || this.corner.slice !== this.index.axial) {
      this.corner = { slice: this.index.axial, point };
      return this.say("Box: the opposite corner");
    }
    const [[x0, y0], [x1, y1]] = [this.corner.point, point];
    if (x0 === x1 || y0 === y1) return this.say("A box has a width and a height");
    const { code } = this.question;
    this.answers.markToFill(code);
    const before = this.answers.get(code);
    const z = this.corner.slice;
    const depth = before?.kind === "box" && before.low[0] <= z && z < before.high[0] ? [before.low[0], before.high[0]] : [z, z + 1];
    this.corner = null;
    const value = { kind: "box", low: [depth[0], Math.min(y0, y1), Math.min(x0, x1)], high: [depth[1], Math.max(y0, y1), Math.max(x0, x1)] };
    this.answers.set(code, value, "Box");
    return this.say(`Box of ${Math.abs(x1 - x0).toFixed(1)} × ${Math.abs(y1 - y0).toFixed(1)} pixels`);
  }

  /** The point that the next click sets: the chosen one, else the first that is not answered. */
  pointToSet() {
    const { code, choices } = this.question;
    const points = this.answers.get(code)?.points ?? {};
    return this.point ?? choices.find((choice) => !(choice.code in points))?.code ?? choices[0].code;
  }

  choosePoint(code) {
    this.point = code;
    this.refresh();
  }

  setPoint(x, y) {
    if (!this.ready("point")) return null;
    const { code, choices } = this.question;
    const [px, py] = inside([x, y], planeSize(this.shape, "axial"));
    const chosen = this.pointToSet();
    const points = { ...(this.answers.get(code)?.points ?? {}), [chosen]: [this.index.axial + 0.5, py, px] };
    this.point = null;
    const { title } = choices.find((choice) => choice.code === chosen);
    this.answers.set(code, { kind: "landmarks", points }, title);
    const next = choices.find((choice) => !(choice.code in points));
    return this.say(next ? `${title} set; next: ${next.title}` : `${title} set; all points are answered`);
  }

  /** Move the keyboard's cursor on the axial slice. */
  nudge(dx, dy) {
    const [, ny, nx] = this.shape;
    const from = this.cursor ?? { x: (nx >> 1) + 0.5, y: (ny >> 1) + 0.5 };
    const held = (value, most) => Math.min(most - 0.5, Math.max(0.5, value));
    this.cursor = { x: held(from.x + dx, nx), y: held(from.y + dy, ny) };
    this.say(`Cursor ${Math.floor(this.cursor.x)}, ${Math.floor(this.cursor.y)}`);
  }

  /** Use the tool at the cursor; false where the tool has no use for it. */
  press() {
    if (!TOOLS[this.tool]) return false;
    if (!this.cursor) this.nudge(0, 0);
    const { x, y } = this.cursor;
    if (this.tool === "polygon") this.addPoint(x, y);
    else if (this.tool === "ruler") this.rulerPoint("axial", x, y);
    else if (this.tool === "box") this.boxPoint(x, y);
    else if (this.tool === "point") this.setPoint(x, y);
    else if (this.startPainting()) {
      this.paintAt(x, y);
      this.endPainting();
    }
    return true;
  }
}
