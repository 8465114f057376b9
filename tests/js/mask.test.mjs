import assert from "node:assert/strict";
import { test } from "node:test";
import {
  at, count, decodeRuns, disc, disputed, encodeRuns, hull, millilitres, recut, section, trimmed, union, unpackBits,
} from "../../static/js/viewer/mask.js";

let seed = 11;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const random01 = (size, share = 0.5) => Uint8Array.from({ length: size }, () => (random() < share ? 1 : 0));
const whole = (shape, data) => ({ box: [0, shape[0], 0, shape[1], 0, shape[2]], data });

test("bits are read least first, [k][j][i]", () => {
  // numpy.packbits([1,0,0,0,0,0,0,0, 0,1,1,0], bitorder="little") -> [1, 6]
  const mask = unpackBits(Uint8Array.of(1, 6), [2, 4, 5, 7, 8, 11]);
  assert.deepEqual([...mask.data], [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0]);
  assert.equal(at(mask, 2, 5, 8), 1);
  assert.equal(at(mask, 3, 6, 8), 1);
  assert.equal(at(mask, 3, 6, 10), 0);
  assert.equal(at(mask, 1, 5, 8), 0);
});

test("bytes of another size are refused", () => {
  assert.throws(() => unpackBits(Uint8Array.of(1), [0, 2, 0, 2, 0, 3]), RangeError);
});

// Texts as annotations/labels/_runs.py writes them; test_node.py checks that it still does.
const SAMPLES = [
  { shape: [1, 2, 2], data: [0, 0, 0, 0], runs: "BA" },
  { shape: [1, 2, 2], data: [1, 1, 1, 1], runs: "AAQ" },
  { shape: [1, 2, 3], data: [0, 0, 1, 1, 0, 1], runs: "AgIBAQ" },
];
for (const { shape, data, runs } of SAMPLES) {
  test(`the runs of ${data.join("")} are ${runs}`, () => {
    assert.equal(encodeRuns(whole(shape, Uint8Array.from(data)), shape), runs);
    assert.equal(encodeRuns(trimmed(whole(shape, Uint8Array.from(data))), shape), runs);
  });
}

test("encoding and decoding are inverse, whatever box the mask is kept in", () => {
  for (let round = 0; round < 60; round++) {
    const shape = [1 + Math.floor(random() * 3), 1 + Math.floor(random() * 4), 1 + Math.floor(random() * 5)];
    const mask = whole(shape, random01(shape[0] * shape[1] * shape[2], random()));
    const text = encodeRuns(mask, shape);
    assert.match(text, /^[A-Za-z0-9_-]+$/);
    assert.deepEqual(recut(decodeRuns(text, shape), mask.box).data, mask.data);
    assert.equal(encodeRuns(trimmed(mask), shape), text);
  }
});

test("runs longer than 127 take several bytes", () => {
  const shape = [1, 300, 300];
  const data = new Uint8Array(90000);
  data[89999] = 1;
  assert.equal(count(decodeRuns(encodeRuns(whole(shape, data), shape), shape)), 1);
});

test("runs that do not fill the shape are refused", () => {
  assert.throws(() => decodeRuns("BA", [1, 2, 3]), /cover 4 voxels/);
  assert.throws(() => decodeRuns("gA", [1, 2, 3]), /within a number/);
});

const A = { box: [0, 1, 0, 2, 0, 2], data: Uint8Array.of(1, 1, 1, 1) };
const B = { box: [0, 2, 1, 2, 1, 3], data: Uint8Array.of(1, 1, 1, 0) };

test("a union reaches over both boxes", () => {
  assert.deepEqual(hull([A.box, B.box]), [0, 2, 0, 2, 0, 3]);
  assert.equal(count(union([A, B])), 6);
});

test("one reader who drew nothing leaves the intersection empty", () => {
});

test("disputed voxels are counted by slice", () => {
  assert.deepEqual([...disputed([A, B], 3)], [4, 1, 0]);
  assert.deepEqual([...disputed([A, A], 2)], [0, 0]);
});

test("volume is in millilitres, unknown without spacing", () => {
  assert.equal(millilitres(A, [5, 10, 10]), 2);
  assert.equal(millilitres(A, null), null);
});

test("sections follow the screen: S is up in coronal and sagittal planes", () => {
  const shape = [4, 5, 6];
  const mask = { box: [1, 3, 2, 4, 3, 5], data: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0) };
  const axial = section(mask, "axial", 1, shape[0]);
  assert.deepEqual([axial.x, axial.y, ...axial.data], [3, 2, 1, 0, 0, 0]);
  const coronal = section(mask, "coronal", 2, shape[0]);
  assert.deepEqual([coronal.x, coronal.y, coronal.width, coronal.height, ...coronal.data], [3, 1, 2, 2, 0, 0, 1, 0]);
  const sagittal = section(mask, "sagittal", 3, shape[0]);
  assert.deepEqual([sagittal.x, sagittal.y, ...sagittal.data], [2, 1, 0, 0, 1, 0]);
  assert.equal(section(mask, "axial", 3, shape[0]), null);
});

test("a brush covers voxels by their centres and stays in the image", () => {
  assert.deepEqual(disc(2.5, 1.5, 0.5, [1, 4, 4]), [[1, 2]]);
  assert.equal(disc(2.5, 2.5, 1.1, [1, 5, 5]).length, 5);
  assert.ok(disc(0, 0, 3, [1, 4, 4]).every(([y, x]) => y >= 0 && x >= 0));
});
