import assert from "node:assert/strict";
import test from "node:test";

import { isComplete, orderOf, parseSpans, ranksOf, ringsOf, spansText } from "../../static/js/reading/kinds.js";

test("spans are read as people write them, and what is no span is not guessed", () => {
  assert.deepEqual(parseSpans("1.5-2.25, 5 – 7; 9 to 10"), [[1.5, 2.25], [5, 7], [9, 10]]);
  assert.equal(parseSpans("1.5, 2"), null);
  assert.equal(parseSpans("-1–2"), null);
  assert.deepEqual(parseSpans(spansText([[1.5, 2.25], [5, 7]])), [[1.5, 2.25], [5, 7]]);
});

test("ranks make tiers, and an option without a rank makes no order", () => {
  assert.deepEqual(orderOf({ a: 1, b: 3, c: 3 }, ["a", "b", "c"]), [["a"], ["b", "c"]]);
  assert.equal(orderOf({ a: 1, b: 0, c: 2 }, ["a", "b", "c"]), null);
  assert.deepEqual(ranksOf([["a"], ["b", "c"]]), { a: 1, b: 2, c: 2 });
});

test("a box is a rectangle on each of its slices, a point a diamond on its own", () => {
  const rings = ringsOf({ kind: "box", low: [1, 2, 3], high: [3, 5, 8] });
  assert.deepEqual(rings.map((ring) => ring.slice), [1, 2]);
  assert.deepEqual(rings[0].points, [[3, 2], [8, 2], [8, 5], [3, 5]]);
  const [diamond] = ringsOf({ kind: "landmarks", points: { a: [2.5, 4, 6], b: null } });
  assert.equal(diamond.slice, 2);
  assert.deepEqual(diamond.points, [[6, 1], [9, 4], [6, 7], [3, 4]]);
});

test("half of the points or of the order is no answer yet", () => {
  const question = { choices: [{ code: "a" }, { code: "b" }] };
  assert.equal(isComplete(question, { kind: "landmarks", points: { a: [0, 0, 0] } }), false);
  assert.equal(isComplete(question, { kind: "landmarks", points: { a: [0, 0, 0], b: null } }), true);
  assert.equal(isComplete(question, { kind: "ranking", order: null, ranks: { a: 1 } }), false);
  assert.equal(isComplete(question, { kind: "interval", spans: null }), false);
  assert.equal(isComplete(question, { kind: "interval", spans: [] }), true);
});
