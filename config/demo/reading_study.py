"""A small project to read in: the demo's annotator and one simulated reader, six blocks of the brain image.

The simulated reader's answers are imported as in the larger project; the seats of the annotator stay open. A case
is evaluated as soon as the annotator finishes it, and goes to the physician where the two differ too far.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotations.images import nifti
from config.demo import brain_study
from config.demo.brain import Block, blocks
from config.demo.readers import READERS
from config.demo.study import HEADER, Study

SLUG = "read-here"
PERSON = "reader"
CODES = ("own-eyes", "north")
KEYS = (
    "right-frontal-horn",
    "left-ventricle-body",
    "right-atrium",
    "third-ventricle",
    "fourth-ventricle",
    "left-sylvian-cistern",
)

DESCRIPTION = (
    "Six blocks of a magnetic resonance image, 1 mm, to be read by the annotator of this demo beside one simulated "
    "reader. Sign in as “reader”, read a case, and see what becomes of it: agreement accepts it, disagreement sends "
    "it to the physician. All blocks are of one subject, so nothing here generalises to patients."
)


def build(path: Path) -> Study:
    """Return the project made from the template's file; the same file gives the same bytes.

    Parameters
    ----------
    path : Path
        The NIfTI file in nilearn's wheel.
    """
    # The place among all blocks seeds the simulated reader, so its answers are those of the larger project.
    made = [(n, block) for n, block in enumerate(blocks(nifti.read(path.read_bytes()))) if block.place.key in KEYS]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for index, block in made:
        writer.writerows(simulated_rows(block, index))
    return Study(
        slug=SLUG,
        name="Read here (one simulated reader)",
        description=DESCRIPTION,
        attribution=brain_study.ATTRIBUTION,
        simulated_note=simulated_note(),
        knows_readers=True,
        guideline=brain_study.GUIDELINE,
        questions=brain_study.questions(),
        protocol=protocol(),
        panel=CODES,
        guests=(),
        cases=tuple(brain_study.case_of(block) for _, block in made),
        exclusions=(),
        table=text.getvalue().encode(),
        file_name="read-here.csv",
        notes=(f"{len(made)} blocks with an open seat for the annotator", "one simulated reader has read them all"),
        people={CODES[0]: PERSON},
    )


def simulated_rows(block: Block, index: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the simulated reader.

    Parameters
    ----------
    block : Block
        What is read.
    index : int
        Place of the block among all of them, which seeds the reader.
    """
    for row in brain_study.rows(block, index):
        if row[1] in CODES:
            yield row


def simulated_note() -> str:
    """Return who is simulated here, and who is not."""
    (reader,) = (reader for reader in READERS if reader.code in CODES)
    return (
        f"The image is real. Reader “{CODES[0]}” is the person who signs in as “{PERSON}”; reader “{reader.code}” is "
        f"simulated by the error model of the project “Brain fluid spaces”: it {reader.habit}."
    )


def protocol() -> dict[str, Any]:
    """Return the protocol document: two seats, and a physician where they differ."""
    questions = brain_study.protocol()["questions"]
    masks = {**questions["fluid_space"], "method": "majority_mask"}
    return {
        "protocol": "double_read_arbitration",
        # The simulated readers are registered as models; they stand for people here, and vote.
        "model_votes": True,
        "seats": len(CODES),
        "minimum": 2,
        "tie": "refer",
        "questions": {**questions, "fluid_space": masks},
    }
