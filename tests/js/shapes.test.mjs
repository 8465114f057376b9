import assert from "node:assert/strict";
import { test } from "node:test";
import { count } from "../../static/js/viewer/mask.js";
import { History } from "../../static/js/viewer/history.js";
import { bounds, drawn, rasterised } from "../../static/js/viewer/contour.js";

const square = (slice, low, high) => ({ slice, points: [[low, low], [high, low], [high, high], [low, high]] });

test("a square covers the pixels whose centres it holds", () => {
  const mask = rasterised([square(3, 1, 4)]);
  assert.equal(count(mask), 9);
  assert.deepEqual(mask.box.slice(0, 2), [3, 4]);
});

test("a ring inside a ring is a hole, on its own slice only", () => {
  assert.equal(count(rasterised([square(0, 0, 5), square(0, 1, 3)])), 25 - 4);
  assert.equal(count(rasterised([square(0, 0, 5), square(1, 1, 3)])), 25 + 4);
});

test("rings traced over pixels are drawn through their centres", () => {
  assert.deepEqual(drawn([{ slice: 0, points: [[2, 3]] }], "outline_excluded")[0].points, [[2.5, 3.5]]);
  assert.deepEqual(drawn([{ slice: 0, points: [[2, 3]] }], "pixel_centre")[0].points, [[2, 3]]);
});

test("no rings have no extent and no pixels", () => {
  assert.equal(bounds([]), null);
  assert.equal(count(rasterised([])), 0);
});

test("steps are taken back and again, and a new step forgets what was taken back", () => {
  const history = new History(2);
  let value = 0;
  const step = (words, by) => {
    value += by;
    history.push({ words, undo: () => (value -= by), redo: () => (value += by) });
  };
  step("one", 1);
  step("ten", 10);
  assert.equal(history.undo(), "ten");
  assert.equal(value, 1);
  assert.equal(history.redo(), "ten");
  assert.equal(value, 11);
  history.undo();
  step("hundred", 100);
  assert.equal(history.redo(), null);
  step("thousand", 1000);
  assert.equal(history.undo(), "thousand");
  assert.equal(history.undo(), "hundred");
  assert.equal(history.undo(), null, "only two steps are kept");
});
