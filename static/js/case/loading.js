/** From what the page hands over to what the workspace holds: outlines, masks, voxels. */

/** @import { Overlay } from "../viewer/workspace.js" */

import { bytes } from "../lib/http.js";
import { boxSize, union, unpackBits } from "../viewer/mask.js";
import { drawn } from "../viewer/contour.js";
import { Workspace } from "../viewer/workspace.js";

/** The grid of the case: the image's, else the canvas that the outlines were drawn on. */
export function workspaceOf({ image, canvas, letters, spacing_mm: spacing, start_slice: start }) {
  const shape = image ? image.shape : [canvas?.slices ?? 1, canvas?.height ?? 512, canvas?.width ?? 512];
  return new Workspace({
    shape,
    spacing: image?.spacing_mm ?? spacing ?? canvas?.spacing_mm ?? null,
    oriented: image ? image.orientation === "LPS" : canvas?.orientation === "LPS",
    window: image?.window ?? null,
    start: start ?? shape[0] >> 1,
    letters: letters ?? [],
  });
}

/** @returns {Promise<Overlay>} */
async function overlay(read, letter) {
  const base = { letter, kind: read.kind, mask: null, rings: null };
  if (read.kind === "polygon") return { ...base, rings: drawn(read.rings, read.rule) };
  if (read.kind !== "mask") return base;
  try {
    const packed = await bytes(read.url, Math.ceil(boxSize(read.box) / 8));
    return { ...base, mask: unpackBits(packed, read.box) };
  } catch {
    return { ...base, missing: true };
  }
}

/** @param {Overlay[]} marks  of one reader */
function joined(marks) {
  if (marks.length === 1) return marks[0];
  const masks = marks.filter((mark) => mark.mask).map((mark) => mark.mask);
  return {
    ...marks[0],
    mask: masks.length ? union(masks) : null,
    rings: marks.some((mark) => mark.rings) ? marks.flatMap((mark) => mark.rings ?? []) : null,
    missing: marks.some((mark) => mark.missing),
  };
}

/** One overlay a reader, whatever number of marks; one that could not be loaded is kept and marked as missing. */
export async function loadOutlines(data) {
  const marks = await Promise.all((data.reads ?? []).map((read) => overlay(read, read.letter)));
  const letters = [...new Set(marks.map((mark) => mark.letter))];
  const reads = letters.map((letter) => joined(marks.filter((mark) => mark.letter === letter)));
  const together = Object.entries(data.combined ?? {}).map(async ([way, made]) => [way, await overlay(made, way)]);
  const combined = Object.fromEntries(await Promise.all(together));
  return { reads, combined, consensus: data.consensus ? await overlay(data.consensus, "Consensus") : null };
}

/**
 * The whole volume, shown while it arrives.
 */
export async function loadVoxels(workspace, image) {
  const size = image.shape[0] * image.shape[1] * image.shape[2];
  const perSlice = image.shape[1] * image.shape[2] * 2;
  let shown = 0;
  const raw = await bytes(image.url, size * 2, (part, received) => {
    if (received - shown < 1 << 20 && received < size * 2) return;
    shown = received;
    workspace.load(new Int16Array(part.buffer), Math.floor(received / perSlice));
    workspace.say(`Slices ${Math.floor(received / perSlice)} of ${image.shape[0]}`);
  });
  workspace.load(new Int16Array(raw.buffer), image.shape[0]);
  workspace.loaded();
}
