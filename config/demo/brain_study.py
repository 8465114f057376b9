"""The brain project: real pixels, simulated readers, one question of every kind that has no outline."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from annotations.images import nifti
from annotations.images.wire import voxel_bytes
from annotations.labels._runs import encode
from config.demo.brain import SUBJECT, Block, blocks
from config.demo.readers import READERS, SimulatedReader, generator, recategorise, redraw, regrade, remeasure
from config.demo.study import HEADER, Study, StudyCase, StudyQuestion

SLUG = "brain-fluid"
SEED = 152
WINDOW = (130.0, 230.0)

_VISIBILITY = ("Barely seen", "Partly seen", "Well seen", "Clear on every slice")
_ARTEFACTS = {
    "none": "Nothing",
    "partial_volume": "Thin walls (partial volume)",
    "choroid_plexus": "Choroid plexus",
    "vessel": "A neighbouring vessel",
}

ATTRIBUTION = (
    "Image: ICBM 152 non-linear symmetric template 2009a, T1-weighted, as distributed in the Python package nilearn "
    "(BSD-3-Clause; its notes give no licence for the template). Copyright © 1993–2009 Louis Collins, McConnell Brain "
    "Imaging Centre, Montreal Neurological Institute, McGill University; use, copying, modification and distribution "
    "are permitted by its authors provided that this notice is kept. Cut into blocks for this project. "
    "Cite: Fonov V et al., NeuroImage 54:313–327, 2011, doi:10.1016/j.neuroimage.2010.07.033; Fonov VS et al., "
    "NeuroImage 47(S1):S102, 2009, doi:10.1016/S1053-8119(09)70884-5."
)
DESCRIPTION = (
    "Magnetic resonance, 1 mm: twelve blocks of one image, the average of 152 real brains, each around a space that "
    "holds cerebrospinal fluid. All blocks are of one subject, so nothing here generalises to patients, and bounds "
    "that rest on patients do not exist. The template is symmetric: left and right cases are mirror images."
)
GUIDELINE = (
    "Mark every voxel of the fluid space that the case is named after, on all slices of the block; where the block "
    "ends inside the space, mark up to the edge. Say how well it is seen and what hides its border most. Measure its "
    "greatest width from right to left on one axial slice, in millimetres."
)


def build(path: Path) -> Study:
    """Return the project made from the template's file; the same file gives the same bytes.

    Parameters
    ----------
    path : Path
        The NIfTI file in nilearn's wheel.
    """
    made = list(blocks(nifti.read(path.read_bytes())))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for index, block in enumerate(made):
        writer.writerows(rows(block, index))
    cases = tuple(map(case_of, made))
    n_bytes = sum(len(case.voxels) for case in cases)
    return Study(
        slug=SLUG,
        name="Brain fluid spaces (simulated readers)",
        description=DESCRIPTION,
        attribution=ATTRIBUTION,
        simulated_note=simulated_note(),
        knows_readers=True,
        guideline=GUIDELINE,
        questions=questions(),
        protocol=protocol(),
        panel=tuple(reader.code for reader in READERS),
        guests=(),
        cases=cases,
        exclusions=(),
        table=text.getvalue().encode(),
        file_name="brain-fluid.csv",
        notes=(
            f"{len(cases)} blocks of a real brain image, {n_bytes / 1e6:.1f} MB of voxels",
            f"{len(READERS)} simulated readers, {len(cases) * len(READERS)} masks drawn by the documented error model",
        ),
    )


def simulated_note() -> str:
    """Return the error model in plain words, with its figures."""
    habits = "; ".join(f"“{reader.code}” {_figures(reader)}" for reader in READERS)
    return (
        "The image is real, the readers are simulated. Each one redraws the same dark region of the image: its border "
        "is shifted by the reader's habit, wanders randomly, and now and then has a gross error (a quarter to a half "
        "of the region is missed, or a ball of 3–5 mm radius is added). Grades and categories are sometimes another; "
        f"widths have noise and rarely a slip of 4 mm. {habits}. Random numbers: PCG64, seed {SEED}."
    )


def questions() -> tuple[StudyQuestion, ...]:
    """Return one question of each kind: mask, grade, category and measurement."""
    levels = [{"code": str(number), "title": title} for number, title in enumerate(_VISIBILITY, start=1)]
    codes = [{"code": code, "title": title} for code, title in _ARTEFACTS.items()]
    width = {"unit": "mm", "minimum": 0, "maximum": 200}
    return (
        StudyQuestion("fluid_space", "The fluid space named by the case", "mask", "none"),
        StudyQuestion("visibility", "How well is it seen?", "grade", "ordinal", {"levels": levels}),
        StudyQuestion("artefact", "What hides its border most?", "category", "nominal", {"codes": codes}),
        StudyQuestion("width", "Greatest width from right to left", "measurement", "ratio", width),
    )


def protocol() -> dict[str, Any]:
    """Return the protocol document: three seats, masks joined by STAPLE."""
    near = {"low_agreement": {"statistic": "spread", "maximum": 1}, "no_majority": {}}
    return {
        "protocol": "majority_panel",
        # The simulated readers are registered as models; they stand for people here, and vote.
        "model_votes": True,
        "seats": len(READERS),
        "minimum": 2,
        "questions": {
            "fluid_space": {
                "method": "staple",
                "beside": ["majority_mask", "shape_average", "soft_mask"],
                "rules": {"low_agreement": {"statistic": "dice", "minimum": 0.8}, "no_majority": {}},
            },
            "visibility": {"method": "median", "split": "lower", "rules": near},
            "artefact": {"method": "majority", "rules": {"no_majority": {}}},
            "width": {
                "method": "median",
                "rules": {"low_agreement": {"statistic": "spread", "maximum": 3}, "no_majority": {}},
            },
        },
    }


def rows(block: Block, index: int) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows of one case: every reader's answers to the four questions.

    Parameters
    ----------
    block : Block
        What is read.
    index : int
        Place of the case in the project, which seeds its readers.
    """
    shape = list(block.region.shape)
    place = block.place
    for number, reader in enumerate(READERS):
        random = generator(SEED, index, number)
        runs = encode(redraw(reader, block.region, block.spacing_mm, random))
        level = regrade(reader, place.visibility, len(_VISIBILITY), random)
        values = {
            "fluid_space": orjson.dumps({"shape": shape, "runs": runs}).decode(),
            "visibility": str(level + 1),
            "artefact": recategorise(reader, place.artefact, tuple(_ARTEFACTS), random),
            "width": f"{remeasure(reader, block.width_mm, random):.1f} mm",
        }
        for question, value in values.items():
            yield place.key, reader.code, question, "", value, ""


def case_of(block: Block) -> StudyCase:
    """Return a block as a case.

    Parameters
    ----------
    block : Block
        What is read.
    """
    nz, ny, nx = block.voxels.shape
    return StudyCase(
        key=block.place.key,
        subject=SUBJECT,
        shape=(nz, ny, nx),
        spacing_mm=block.spacing_mm,
        strata={"side": _side(block.place.key)},
        voxels=bytes(voxel_bytes(block.voxels)),
        window=WINDOW,
    )


def _side(key: str) -> str:
    first = key.partition("-")[0]
    return first if first in {"left", "right"} else "middle"


def _figures(reader: SimulatedReader) -> str:
    return (
        f"{reader.habit} (border {reader.bias_mm:+.1f} mm, wandering {reader.noise_mm:.2g} mm over "
        f"{reader.correlation_mm:.2g} mm, gross error in {round(reader.gross * 100)} %, another grade or category "
        f"in {round(reader.confusion * 100)} %, width {reader.length_bias_mm:+.1f} ± {reader.length_noise_mm:.1f} mm)"
    )
