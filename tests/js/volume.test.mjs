import assert from "node:assert/strict";
import { test } from "node:test";
import { EDGES, extent, grey, lookup, paint, place, planeSize, planeSpacing, presets, slice } from "../../static/js/viewer/volume.js";

// An asymmetric phantom: each voxel holds its own place, z * 100 + y * 10 + x.
const shape = [2, 3, 4];
const phantom = Int16Array.from({ length: 24 }, (_, n) => Math.floor(n / 12) * 100 + (Math.floor(n / 4) % 3) * 10 + (n % 4));

test("an axial slice has the patient's right at the left and anterior at the top", () => {
  assert.deepEqual([...slice(phantom, shape, "axial", 1)], [100, 101, 102, 103, 110, 111, 112, 113, 120, 121, 122, 123]);
  assert.deepEqual(EDGES.axial, ["R", "L", "A", "P"]);
});

test("a coronal slice has S at the top", () => {
  assert.deepEqual([...slice(phantom, shape, "coronal", 2)], [120, 121, 122, 123, 20, 21, 22, 23]);
  assert.deepEqual(EDGES.coronal, ["R", "L", "S", "I"]);
});

test("a sagittal slice has anterior at the left and S at the top", () => {
  assert.deepEqual([...slice(phantom, shape, "sagittal", 3)], [103, 113, 123, 3, 13, 23]);
  assert.deepEqual(EDGES.sagittal, ["A", "P", "S", "I"]);
});

test("sizes and spacings belong to the plane", () => {
  assert.deepEqual(planeSize(shape, "sagittal"), { width: 3, height: 2, count: 4 });
  assert.deepEqual(planeSpacing([5, 0.7, 0.6], "coronal"), { across: 0.6, down: 5 });
  assert.deepEqual(planeSpacing(null, "axial"), { across: 1, down: 1 });
});

test("a place in a pane names the same voxel as the slice shows there", () => {
  for (const plane of ["axial", "coronal", "sagittal"]) {
    const { width, height, count } = planeSize(shape, plane);
    for (let index = 0; index < count; index++) {
      const shown = slice(phantom, shape, plane, index);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const { axial, coronal, sagittal } = place(shape, plane, index, x + 0.5, y + 0.5);
          assert.equal(shown[y * width + x], axial * 100 + coronal * 10 + sagittal);
        }
      }
    }
  }
});

test("a window maps its ends to black and white and its centre to grey", () => {
  const window = { center: 40, width: 400 };
  assert.deepEqual([-161, -160, 40, 240, 900].map((value) => grey(value, window)), [0, 0, 128, 255, 255]);
});

test("painted words are opaque greys, inverted when asked", () => {
  const words = new Uint32Array(2);
  paint(Int16Array.of(-1000, 1000), lookup({ center: 0, width: 100 }), words);
  assert.deepEqual([...words], [0xff000000, 0xffffffff]);
  paint(Int16Array.of(-1000, 1000), lookup({ center: 0, width: 100 }, true), words);
  assert.deepEqual([...words], [0xffffffff, 0xff000000]);
});

test("Hounsfield windows are offered only where values reach air", () => {
  const own = { center: 100, width: 200 };
  assert.equal(presets(own, extent(Int16Array.of(-1000, 500)))[2].name, "Lung");
  assert.ok(presets(own, extent(Int16Array.of(0, 255))).every(({ name }) => name !== "Lung"));
  assert.equal(presets(own, { low: 0, high: 0 }).length, 5);
});
