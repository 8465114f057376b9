"""Whatever the bytes are, an importer answers with values and problems: it never crashes and never hangs."""

import io
from itertools import islice

import numpy as np
import pytest

from annotations.importers.base import Imported, ImportProblem, Lies
from annotations.labels.base import Geometry, Label, LabelError
from annotations.placing import Ground, fitted
from annotations.registry import IMPORTERS, parse_label
from annotations.submission import AnswerProblem
from tests.annotations.importers.samples import QUESTIONS, SAMPLES
from tests.annotations.importers.seg_made import AXES, ORIGIN, SHAPE, SPACING

MUTATIONS = 150
SEED = 20261125
DEFINITIONS = {
    "outline": {"rule": "pixel_centre", "many": True},
    "region": {"many": True},
    "type": {"codes": [{"code": code} for code in ("benign", "mass", "cyst")], "many": True},
    "grade": {"levels": [{"code": code} for code in ("1", "2", "3", "4")]},
    "size": {"unit": "mm"},
    "frame": {},
}
# Where what lies in the patient is put.
GROUND = Ground(SHAPE, Lies(ORIGIN, AXES, SPACING))
TOKENS = [
    b"NaN", b"Infinity", b"-1", b"1e999", b"99999999999999999999", b"null", b"[]", b"{}", b'"', b"<", b">", b"&lol;",
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"9" * 5000, b"0", b",", b"\n", b"true", b"..", b"2147483648",
]  # fmt: skip


def mutated(data, rng):
    """Return a file with one to four faults: bytes changed, cut out, doubled, cut off, or a nasty token put in."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        if not changed:
            break
        at = int(rng.integers(len(changed)))
        to = min(at + int(rng.integers(1, 24)), len(changed))
        how = int(rng.integers(6))
        if how == 0:
            changed[at] = int(rng.integers(256))
        elif how == 1:
            del changed[at:to]
        elif how == 2:
            changed[at:at] = changed[at:to]
        elif how == 3:
            del changed[at:]
        elif how == 4:
            changed[at:to] = TOKENS[int(rng.integers(len(TOKENS)))]
        else:
            changed[at:at] = TOKENS[int(rng.integers(len(TOKENS)))]
    return bytes(changed)


def outcome(importer, data, options):
    """Return what a file gives; anything but values and problems fails the test by itself."""
    try:
        return list(islice(IMPORTERS[importer].read(io.BytesIO(data), QUESTIONS, options), 100_000))
    except ImportProblem as problem:
        return [problem]


def checked(found):
    """Parse what was imported as intake does, and return whether it was taken."""
    if isinstance(found, ImportProblem):
        assert found.code
        assert found.message
        found.message.encode()
        return False
    assert isinstance(found, Imported)
    assert all(isinstance(part, str) for part in (found.case, found.reader, found.question, found.mark))
    try:
        kind = QUESTIONS[found.question]
        value, shape = found.value, (1, 10, 20)
        if found.contours or found.in_patient or found.lies:
            value, shape = fitted(found, GROUND), SHAPE
        label = parse_label(value, kind, DEFINITIONS[found.question], Geometry(shape, None))
    except (LabelError, AnswerProblem):
        return False
    assert isinstance(label, Label)
    return True


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_mutations_of_a_true_file_give_values_and_problems_only(sample):
    rng = np.random.Generator(np.random.PCG64(SEED))
    taken = [checked(found) for found in outcome(sample.importer, sample.data, sample.options)]
    assert taken
    refused = 0
    for _ in range(MUTATIONS):
        found = outcome(sample.importer, mutated(sample.data, rng), sample.options)
        refused += sum(not checked(one) for one in found)
    assert refused  # a mutation that breaks nothing tests nothing


@pytest.mark.parametrize("importer", list(IMPORTERS))
@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 400, b"{", b"[]", b"[[[[", b"<", b"<annotation/>", b"PK\x03\x04", b"\x1f\x8b\x08", b"NRRD0004\n\n"],
)  # fmt: skip
def test_bytes_that_are_no_file_of_the_format(importer, data):
    options = next(sample.options for sample in SAMPLES if sample.importer == importer)
    for found in outcome(importer, data, options):
        assert isinstance(found, Imported | ImportProblem)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_an_unknown_option_and_no_option(sample):
    (problem,) = outcome(sample.importer, sample.data, {**sample.options, "colour": "red"})
    assert problem.code == "unknown-option"
    for found in outcome(sample.importer, sample.data, {}):
        assert isinstance(found, Imported | ImportProblem)


@pytest.mark.parametrize("importer", list(IMPORTERS))
def test_every_option_is_explained_and_every_format_named(importer):
    spec = IMPORTERS[importer]
    assert spec.title
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in spec.suffixes)
    assert all(len(meaning) > 10 for meaning in spec.options.values())


def test_a_bomb_of_entities_is_refused_before_it_unfolds():
    bomb = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><annotation><filename>&y;</filename></annotation>'
    for importer in ("pascal_voc", "labelme"):
        (problem,) = outcome(importer, bomb, {"reader": "ada", "question": "outline"})
        assert problem.code == "forbidden-xml"
    outside = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotations><image name="&x;"/></annotations>'
    (problem,) = outcome("cvat_xml", outside, {"reader": "ada", "question": "outline"})
    assert problem.code == "forbidden-xml"


def test_elements_nested_without_end_are_refused():
    deep = b"<annotations>" + b"<image>" * 5000 + b"</image>" * 5000 + b"</annotations>"
    (problem,) = outcome("cvat_xml", deep, {"reader": "ada", "question": "outline"})
    assert problem.code == "too-deep"
