import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRuns } from "../../static/js/viewer/mask.js";
import { Answers } from "../../static/js/reading/answers.js";
import { Board } from "../../static/js/reading/board.js";
import { ActiveClock } from "../../static/js/reading/clock.js";
import { crosses, inside, length, nearest } from "../../static/js/reading/geometry.js";

const SHAPE = [2, 6, 8];
const QUESTIONS = [
  { number: 1, code: "grade", title: "Grade", kind: "grade", about: "", many: false, choices: [{ code: "1", title: "One" }], next_mark: 1 },
  { number: 2, code: "nodule", title: "Nodule", kind: "polygon", about: "", many: true, choices: [], rule: "pixel_centre", next_mark: 3 },
  { number: 3, code: "shape", title: "Shape", kind: "grade", about: "nodule", many: false, choices: [], next_mark: 1 },
  { number: 4, code: "lesion", title: "Lesion", kind: "mask", about: "", many: false, choices: [], next_mark: 1 },
  { number: 5, code: "width", title: "Width", kind: "measurement", about: "", many: false, choices: [], unit: "cm", next_mark: 1 },
];
const square = (slice = 0) => ({ kind: "polygon", rule: "pixel_centre", rings: [{ slice, hole: false, points: [[1, 1], [4, 1], [4, 4]] }] });
const fresh = (drafts = []) => new Answers(QUESTIONS.map((question) => ({ ...question })), drafts, SHAPE);
function boardOf(answers, spacing = [2, 1, 0.5]) {
  const board = new Board({ shape: SHAPE, spacing, oriented: true, window: { center: 1, width: 2 }, start: 0, letters: [] }, answers);
  board.load(new Int16Array(96), 2);
  return board;
}

test("a length is in millimetres, also where pixels are not square", () => {
  assert.equal(length([0, 0], [6, 8], { across: 0.5, down: 0.5 }), 5);
  assert.equal(length([1, 1], [1, 4], { across: 9, down: 2 }), 6);
});

test("a ring that crosses, touches or folds back on itself is told from a simple one", () => {
  assert.equal(crosses([[0, 0], [4, 0], [4, 4], [0, 4]]), false);
  assert.equal(crosses([[0, 0], [4, 0], [2, 2], [4, 4], [0, 4]]), false, "a dent is simple");
  assert.equal(crosses([[0, 0], [4, 4], [4, 0], [0, 4]]), true, "a bow tie");
  assert.equal(crosses([[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]]), true, "a corner on an edge");
  assert.equal(crosses([[0, 0], [4, 0], [2, 0]]), true, "a line");
  assert.equal(crosses([[0, 0], [0, 0], [4, 0], [4, 4]]), true, "a point twice");
});

test("the nearest point within reach is found", () => {
  const rings = [{ points: [[0, 0], [4, 0]] }, { points: [[4, 1]] }];
  assert.deepEqual(nearest(rings, [4, 0.8], 1), { ring: 1, point: 0 });
  assert.equal(nearest(rings, [20, 20], 1), null);
});

test("a point stays within the image", () => {
  assert.deepEqual(inside([-3, 9.123456], { width: 8, height: 6 }), [0, 6]);
  assert.deepEqual(inside([1.23456, 2], { width: 8, height: 6 }), [1.23, 2]);
});

test("only work counts: no long pause, no hidden page", () => {
  let total = 0;
  const clock = new ActiveClock((seconds) => (total += seconds));
  clock.work(1000);
  clock.work(11000);
  assert.equal(total, 10);
  clock.work(11000 + 61000);
  assert.equal(total, 10, "a pause of 61 s is left out");
  clock.hide(75000);
  assert.equal(total, 13);
  clock.work(90000);
  clock.work(91000);
  assert.equal(total, 14, "the hidden time is left out");
});

test("a finding denies “nothing found”, and undo brings it back", () => {
  const answers = fresh();
  answers.set("nodule", { kind: "nothing_found" }, "Nothing", { mark: "" });
  answers.set("nodule", square(), "Outline", { mark: answers.addMark("nodule") });
  assert.equal(answers.get("nodule", ""), undefined);
  assert.deepEqual(answers.marks("nodule"), ["3"], "numbers that were used are not given again");
  answers.history.undo();
  assert.equal(answers.get("nodule", "").kind, "nothing_found");
});

test("what is missing is named: questions, details of marks, marks without an outline", () => {
  const answers = fresh();
  assert.deepEqual(answers.missing().map(({ code }) => code), ["grade", "nodule", "lesion", "width"]);
  answers.set("grade", { kind: "grade", level: "1" }, "One");
  answers.set("nodule", square(), "Outline", { mark: "7" });
  assert.deepEqual(answers.missing().map(({ code, mark }) => [code, mark]), [["shape", "7"], ["lesion", ""], ["width", ""]]);
  answers.set("nodule", undefined, "Cleared", { mark: "7" });
  answers.set("shape", { kind: "grade", level: "1" }, "One", { mark: "7" });
  assert.match(answers.missing()[0].words, /mark 7 is not drawn/);
});

test("only what changed is sent, and a removed mark takes its details along", () => {
  const runs = encodeRuns({ box: [0, 1, 0, 1, 0, 2], data: Uint8Array.from([1, 1]) }, SHAPE);
  const drafts = [
    { question: "nodule", mark: "2", value: square(), seconds: 4 },
    { question: "shape", mark: "2", value: { kind: "grade", level: "1" }, seconds: 1 },
    { question: "lesion", mark: "", value: { kind: "mask", shape: SHAPE, runs }, seconds: 9 },
  ];
  const answers = fresh(drafts);
  assert.deepEqual(answers.unsaved(), { answers: [], gone: [] });
  answers.removeMark("nodule", "2");
  assert.deepEqual(answers.unsaved().gone.map(({ question }) => question), ["nodule", "shape"]);
  answers.withdrawn({ question: "nodule", mark: "2" });
  assert.deepEqual(answers.unsaved(), { answers: [], gone: [] });
});

test("what the server does not take is not sent again until it changes", () => {
  const answers = fresh();
  answers.set("width", { kind: "measurement", number: 900, unit: "cm" }, "Number");
  answers.refuse(answers.unsaved().answers[0], "Too wide.");
  assert.deepEqual(answers.unsaved().answers, []);
  assert.ok(answers.missing().some(({ words }) => words === "Too wide."));
  answers.set("width", { kind: "measurement", number: 9, unit: "cm" }, "Number");
  assert.equal(answers.unsaved().answers.length, 1);
  assert.ok(!answers.missing().some(({ words }) => words === "Too wide."));
});

test("work counts for the answer that is worked on", () => {
  const answers = fresh();
  answers.setCurrent("width");
  answers.spend(2.5);
  answers.set("width", { kind: "measurement", number: 1, unit: "cm" }, "Number");
  assert.equal(answers.unsaved().answers[0].seconds, 2.5);
});

test("an outline is clicked, closed, refused when it crosses itself, and dragged", () => {
  const answers = fresh();
  const board = boardOf(answers);
  board.setTool("polygon");
  assert.equal(answers.current, "nodule");
  for (const [x, y] of [[1, 1], [5, 5], [5, 1], [1, 5]]) board.addPoint(x, y);
  board.closeRing();
  assert.equal(answers.get("nodule"), undefined);
  board.takePointBack();
  board.closeRing();
  assert.deepEqual(answers.get("nodule", "3").rings, [{ slice: 0, hole: false, points: [[1, 1], [5, 5], [5, 1]] }]);
  board.grab({ ring: 0, point: 1 });
  board.drag(6, 4);
  board.drop();
  assert.deepEqual(answers.get("nodule", "3").rings[0].points[1], [6, 4]);
  board.undo();
  assert.deepEqual(answers.get("nodule", "3").rings[0].points[1], [5, 5]);
});

test("points under the rule of traced outlines name pixels", () => {
  const answers = fresh();
  answers.question("nodule").rule = "outline_excluded";
  const board = boardOf(answers);
  board.setTool("polygon");
  for (const [x, y] of [[1.5, 1.5], [4.5, 1.5], [4.5, 4.5]]) board.addPoint(x, y);
  board.closeRing();
  assert.deepEqual(answers.get("nodule", "3").rings[0].points, [[1, 1], [4, 1], [4, 4]]);
  assert.deepEqual(board.activeRings()[0].points, [[1.5, 1.5], [4.5, 1.5], [4.5, 4.5]]);
});

test("brush strokes are steps of undo, and rubbing everything out leaves no answer", () => {
  const answers = fresh();
  const board = boardOf(answers);
  board.setTool("brush");
  board.resize(-9);
  board.cursor = { x: 2.5, y: 3.5 };
  assert.equal(board.press(), true);
  assert.equal(answers.get("lesion").mask.data.reduce((sum, one) => sum + one, 0), 1);
  board.setTool("eraser");
  board.press();
  assert.equal(answers.get("lesion"), undefined);
  board.undo();
  assert.equal(answers.get("lesion").mask.data.reduce((sum, one) => sum + one, 0), 1);
});

test("the ruler writes the question's unit, and nothing where the spacing is not known", () => {
  const answers = fresh();
  const board = boardOf(answers);
  board.setTool("ruler");
  board.rulerPoint("axial", 0, 0);
  board.rulerPoint("axial", 8, 3);
  assert.deepEqual(answers.get("width"), { kind: "measurement", number: 0.5, unit: "cm" });
  const without = fresh();
  const blind = boardOf(without, null);
  blind.rulerPoint("axial", 0, 0);
  blind.rulerPoint("axial", 8, 3);
  assert.equal(without.get("width"), undefined);
});

test("nothing is drawn over a blank", () => {
  const answers = fresh();
  const board = new Board({ shape: SHAPE, spacing: null, oriented: false, window: null, start: 0, letters: [] }, answers);
  board.tool = "polygon";
  board.addPoint(1, 1);
  assert.equal(board.ring, null);
  assert.equal(board.startPainting(), false);
});
