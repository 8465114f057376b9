import assert from "node:assert/strict";
import { test } from "node:test";
import { area, path, rings } from "../../static/js/viewer/contour.js";

const grid = (text) => {
  const rows = text.trim().split("\n").map((row) => row.trim());
  return [Uint8Array.from(rows.join(""), (c) => (c === "#" ? 1 : 0)), rows[0].length, rows.length];
};

test("nothing has no outline", () => assert.deepEqual(rings(...grid("...\n...")), []));

test("one pixel is a diamond round its centre, clockwise on the screen", () => {
  const [ring, ...more] = rings(...grid("...\n.#.\n..."));
  assert.equal(more.length, 0);
  assert.deepEqual(new Set(ring.map(String)), new Set(["1.5,1", "2,1.5", "1.5,2", "1,1.5"]));
  assert.equal(area(ring), 0.5);
});

test("a block at the border closes and has cut corners", () => {
  const [ring] = rings(...grid("##\n##"));
  assert.equal(ring.length, 8);
  assert.equal(area(ring), 4 - 4 * 0.125);
});

test("a ring of pixels has an outer ring and a hole that runs the other way", () => {
  const areas = rings(...grid("###\n#.#\n###")).map(area).sort((a, b) => a - b);
  assert.equal(areas.length, 2);
  assert.equal(areas[0], -0.5);
  assert.equal(areas[1], 9 - 0.5);
});

test("pixels that touch at a corner stay apart", () => {
  for (const text of ["#.\n.#", ".#\n#."]) assert.deepEqual(rings(...grid(text)).map(area), [0.5, 0.5]);
});

test("ring areas add up: each pixel counts, minus an eighth a corner", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let round = 0; round < 40; round++) {
    const [width, height] = [3 + Math.floor(random() * 9), 3 + Math.floor(random() * 9)];
    const data = Uint8Array.from({ length: width * height }, () => (random() < 0.5 ? 1 : 0));
    const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[y * width + x]);
    let expected = 0;
    for (let y = 0; y <= height; y++) {
      for (let x = 0; x <= width; x++) {
        const [a, b, c, d] = [at(x - 1, y - 1), at(x, y - 1), at(x, y), at(x - 1, y)];
        const sum = a + b + c + d;
        if (sum === 2 && a === c) expected += 0.25;
        else expected += [0, 0.125, 0.5, 0.875, 1][sum];
      }
    }
    assert.equal(rings(data, width, height).map(area).reduce((p, q) => p + q, 0), expected);
  }
});

test("path data close each ring and are moved", () => {
  assert.equal(path([[[0, 0], [1, 0], [1, 1.256]]], 10, 20), "M10 20L11 20L11 21.26Z");
});
