"""Gold regions as segmentations of 3D Slicer (``.seg.nrrd``), one file for each case and region question.

Sources: teem.sourceforge.net/nrrd/format.html; slicer.readthedocs.io, "Segmentations" (5.6, 2024).
"""

import gzip
from collections.abc import Sequence
from typing import Any

import numpy as np

from reports.exporters._csv import Cell, write_csv
from reports.exporters._names import file_stems
from reports.exporters._scenes import Finding, Scene, album, class_names, refuse_without_regions, region_questions
from reports.exporters._volumes import NO_PLACE, Voxels, layers_of, placed
from reports.exporters.base import Exporter, GoldBundle
from reports.exporters.manifest import zipped

COLUMNS = ("case", "question", "finding", "file", "segment", "layer", "value", "class", "n_voxels")
_BYTE = 255


def segmentations(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``segmentations/*.seg.nrrd``, ``findings.csv`` and ``left-out.csv``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        A segment for each finding, at the place of its image in the patient (LPS). Findings that overlap stand in
        further layers of the same file, so that no voxel is lost. ExportProblem when of no case it is known how its
        image lies.
    """
    made, names = placed(album(bundle), bundle, needs_right_angles=False), class_names(bundle)
    stems = file_stems(scene.case for scene in made.scenes)
    files: dict[str, bytes] = {}
    rows: list[Sequence[Cell]] = []
    for scene in made.scenes:
        for question in region_questions(bundle):
            findings = [one for one in scene.findings if one.question == question]
            name = f"{stems[scene.case]}+{question}.seg.nrrd"
            layers = list(layers_of(findings, scene.shape))
            segments = [
                (one, layer, value, names[question, one.name])
                for layer, (_, held) in enumerate(layers)
                for value, one in enumerate(held, start=1)
            ]
            files[f"segmentations/{name}"] = _file([voxels for voxels, _ in layers], scene, bundle, segments)
            for number, (one, layer, value, title) in enumerate(segments):
                count = int((layers[layer][0] == value).sum())
                rows.append((scene.case, question, one.finding, name, number, layer, value, title, count))
    files["findings.csv"] = write_csv(COLUMNS, rows)
    files["left-out.csv"] = made.left_out_csv()
    return zipped(files)


def _file(
    layers: Sequence[Voxels], scene: Scene, bundle: GoldBundle, segments: Sequence[tuple[Finding, int, int, str]]
) -> bytes:
    """Return one segmentation, the same bytes each time."""
    kind = np.uint8 if max(int(one.max()) for one in layers) <= _BYTE else np.dtype("<u2")
    # NRRD lists the fastest axis first: layers, x, y, z.
    stack = np.stack(layers, axis=-1).astype(kind)
    z, y, x = scene.shape
    several = len(layers) > 1
    place = bundle.places[scene.case]
    steps = scene.grid.spacing_mm if scene.grid is not None else None
    if steps is None:
        raise ValueError(NO_PLACE)
    vectors = [
        _vector(step * part for part in axis) for step, axis in zip(steps[::-1], place["direction"], strict=True)
    ]
    fields = {
        "type": "unsigned char" if kind is np.uint8 else "unsigned short",
        "dimension": "4" if several else "3",
        "space": "left-posterior-superior",
        "sizes": f"{len(layers)} {x} {y} {z}" if several else f"{x} {y} {z}",
        "space directions": " ".join((["none"] if several else []) + vectors),
        "kinds": "list domain domain domain" if several else "domain domain domain",
        **({} if kind is np.uint8 else {"endian": "little"}),
        "encoding": "gzip",
        "space origin": _vector(place["origin_mm"]),
    }
    head = ["NRRD0004", *(f"{name}: {value}" for name, value in fields.items()), *_notes(segments, bundle)]
    return "\n".join([*head, "", ""]).encode() + gzip.compress(stack.tobytes(), 6, mtime=0)


def _notes(segments: Sequence[tuple[Finding, int, int, str]], bundle: GoldBundle) -> list[str]:
    """Return what Slicer keeps of each segment, and which release the file is of."""
    lines = [f"Consilium_Release:={bundle.release['number']} {bundle.release['digest']}"]
    for number, (finding, layer, value, title) in enumerate(segments):
        about = {"ID": finding.finding or "case", "Name": title, "LabelValue": value, "Layer": layer}
        lines += [f"Segment{number}_{name}:={_escaped(str(text))}" for name, text in about.items()]
    return lines


def _vector(numbers: Any) -> str:
    return "(" + ",".join(repr(float(one)) for one in numbers) + ")"


def _escaped(text: str) -> str:
    """Return a text on one line: the format writes line ends and backslashes as two characters."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", " ")


SPEC = Exporter(
    title="NRRD segmentations of 3D Slicer (zip)",
    suffix="zip",
    media_type="application/zip",
    function=segmentations,
    kinds=frozenset({"mask", "polygon", "category", "grade", "measurement"}),
    refuse=refuse_without_regions,
    is_heavy=True,
    loses=(
        "Outlines become voxels.",
        "A case of whose image it is not known how it lies in the patient, or with an open region, is left out.",
        "Answers beside the class, support and provenance stand in the package alone.",
        "There are no probability maps: a release holds the readers' own regions (in reads.jsonl) and no map.",
    ),
)
