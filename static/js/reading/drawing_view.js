/** A pane that can be drawn on: outline, points, ruler, brush size and the keyboard's cursor over the slice. */

import { svg } from "../lib/dom.js";
import { SliceView } from "../viewer/slice_view.js";
import { planeSpacing } from "../viewer/volume.js";
import { length, nearest } from "./geometry.js";

const REACH = 9;

export class DrawingView extends SliceView {
  constructor(pane, board, plane) {
    super(pane, board, plane);
    pane.addEventListener("pointerleave", () => this.hovers(null));
  }

  actOf(event) {
    const act = super.actOf(event);
    return ["polygon", "box", "point"].includes(act) && this.plane !== "axial" ? "crosshair" : act;
  }

  press(event) {
    const act = this.actOf(event);
    if (!["polygon", "ruler", "box", "point"].includes(act)) return super.press(event);
    this.pane.focus({ preventScroll: true });
    event.preventDefault();
    this.pane.setPointerCapture(event.pointerId);
    const { x, y } = this.under(event);
    if (act === "box") return this.corner(event, x, y);
    if (act === "point") return this.workspace.setPoint(x, y);
    return act === "ruler" ? this.measure(event, x, y) : this.pointAt(x, y);
  }

  measure(event, x, y) {
    this.pressed = { x: event.clientX, y: event.clientY };
    this.workspace.rulerPoint(this.plane, x, y);
  }

  /** A drag sets both corners; two clicks do as well. */
  corner(event, x, y) {
    this.pressed = { x: event.clientX, y: event.clientY };
    this.workspace.boxPoint(x, y);
  }

  /** The first point again closes; a point of a closed outline is dragged; anything else is a new point. */
  pointAt(x, y) {
    const board = this.workspace;
    const reach = REACH / this.frame().sx;
    if (board.ring) {
      const first = nearest([{ points: board.ring.points.slice(0, 1) }], [x, y], reach);
      return first && board.ring.points.length > 2 ? board.closeRing() : board.addPoint(x, y);
    }
    const held = board.question?.kind === "polygon" ? nearest(board.activeRings(), [x, y], reach) : null;
    return held ? board.grab(held) : board.addPoint(x, y);
  }

  drag(event) {
    const place = this.under(event);
    this.hovers(place);
    if (this.workspace.moving) return this.workspace.drag(place.x, place.y);
    return super.drag(event);
  }

  hovers(place) {
    this.hover = place;
    const { tool, ring, ruler, corner } = this.workspace;
    if (["brush", "eraser"].includes(tool) || ring || corner || (ruler && !ruler.end)) this.queue();
  }

  letGo() {
    const board = this.workspace;
    if (board.moving) board.drop();
    const open = board.ruler && !board.ruler.end && board.ruler.plane === this.plane;
    if (this.pressed && open && this.hover) {
      // A drag sets both ends; two clicks do as well.
      const far = length(board.ruler.start, [this.hover.x, this.hover.y], { across: this.frame().sx, down: this.frame().sy });
      if (far > REACH) board.rulerPoint(this.plane, this.hover.x, this.hover.y);
    }
    if (this.pressed && board.corner && this.hover) {
      const from = { x: board.corner.point[0], y: board.corner.point[1] };
      const far = length([from.x, from.y], [this.hover.x, this.hover.y], { across: this.frame().sx, down: this.frame().sy });
      if (far > REACH) board.boxPoint(this.hover.x, this.hover.y);
    }
    this.pressed = null;
    super.letGo();
  }

  drawShapes(frame) {
    super.drawShapes(frame);
    if (this.workspace.bare) return;
    this.drawing.append(...this.points(frame), ...this.openRing(frame), ...this.openBox(frame), ...this.rulerLine(frame), ...this.brush(frame), ...this.cursor(frame));
  }

  at(frame, [x, y]) {
    return [frame.left + x * frame.sx, frame.top + y * frame.sy];
  }

  line(frame, points, css) {
    const d = `M${points.map((point) => this.at(frame, point).join(" ")).join("L")}`;
    return [svg("path", { d, class: "halo" }), svg("path", { d, class: css })];
  }

  points(frame) {
    const { tool, question } = this.workspace;
    if (this.plane !== "axial" || tool !== "polygon" || question?.kind !== "polygon") return [];
    return this.workspace.activeRings().flatMap((ring) => ring.points).map((point) => this.handle(frame, point));
  }

  handle(frame, point) {
    const [cx, cy] = this.at(frame, point);
    return svg("circle", { cx, cy, r: 4, class: "handle" });
  }

  openRing(frame) {
    const { ring, index, cursor } = this.workspace;
    if (this.plane !== "axial" || !ring || ring.slice !== index.axial) return [];
    const next = this.hover ?? cursor;
    const points = next ? [...ring.points, [next.x, next.y]] : ring.points;
    return [...this.line(frame, points, "outline r-final open"), ...ring.points.map((point) => this.handle(frame, point))];
  }

  openBox(frame) {
    const { corner, index, cursor } = this.workspace;
    const next = this.hover ?? cursor;
    if (this.plane !== "axial" || !corner || corner.slice !== index.axial) return [];
    const [x, y] = corner.point;
    if (!next) return [this.handle(frame, corner.point)];
    const around = [[x, y], [next.x, y], [next.x, next.y], [x, next.y], [x, y]];
    return [...this.line(frame, around, "outline r-final open"), this.handle(frame, corner.point)];
  }

  rulerLine(frame) {
    const { ruler, index, spacing, cursor } = this.workspace;
    if (!ruler || ruler.plane !== this.plane || ruler.slice !== index[this.plane]) return [];
    const next = this.hover ?? (this.plane === "axial" ? cursor : null);
    const end = ruler.end ?? (next ? [next.x, next.y] : ruler.start);
    const mm = length(ruler.start, end, planeSpacing(spacing, this.plane));
    const [x, y] = this.at(frame, end);
    return [...this.line(frame, [ruler.start, end], "outline r-final open"), this.handle(frame, ruler.start), this.handle(frame, end),
      svg("text", { x: x + 10, y: y - 8, class: "tag r-final" }, `${mm.toFixed(1)} mm`)];
  }

  /** The size of the brush where it would paint. */
  brush(frame) {
    const { tool, radius, cursor } = this.workspace;
    const where = this.hover ?? cursor;
    if (this.plane !== "axial" || !["brush", "eraser"].includes(tool) || !where) return [];
    const [cx, cy] = this.at(frame, [where.x, where.y]);
    return [svg("ellipse", { cx, cy, rx: radius * frame.sx, ry: radius * frame.sy, class: "size" })];
  }

  cursor(frame) {
    const { cursor } = this.workspace;
    if (this.plane !== "axial" || !cursor) return [];
    const [x, y] = this.at(frame, [cursor.x, cursor.y]);
    const d = `M${x - 12} ${y}h8m8 0h8M${x} ${y - 12}v8m0 8v8`;
    return [svg("path", { d, class: "halo" }), svg("path", { d, class: "caret" })];
  }
}
