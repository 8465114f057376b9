import pytest

from annotations.importers._guess import LIKELY, POSSIBLE, SURE, guess
from annotations.registry import IMPORTERS
from tests.annotations.importers.samples import SAMPLES


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_true_file_is_recognised(sample):
    guesses = guess(sample.data, sample.name)
    assert sample.importer == guesses[0][0]
    # XML in a zip is packed, so that it cannot be told from its first bytes whose it is.
    assert guesses[0][1] >= (POSSIBLE if sample.name == "voc.zip" else LIKELY)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_bytes_count_more_than_a_wrong_ending(sample):
    shares = dict(guess(sample.data, "wrong.csv"))
    if sample.importer in shares:
        assert shares[sample.importer] == max(shares.values())


def test_an_ending_alone_says_only_what_is_possible():
    assert guess(b"[1]", "x.json") == [
        (name, POSSIBLE) for name in ("coco", "label_studio", "labelme", "grand_challenge", "mitk_roi", "mdai")
    ]
    assert guess(b"\x1f\x8b\x08", "x.nii.gz") == [("nifti_mask", LIKELY)]
    assert guess(b"hello", "x.bin") == []
    assert guess(b"", "x") == []


def test_a_table_in_utf_16_is_recognised():
    assert guess("case,reader,question,value\n".encode("utf-16"), "x.txt")[0] == ("csv_table", SURE)


def test_only_formats_that_exist_are_guessed():
    for ending in (".csv", ".json", ".jsonl", ".xml", ".nii", ".nii.gz", ".nrrd", ".zip", ".txt"):
        assert {name for name, _ in guess(b"?", "x" + ending)} <= set(IMPORTERS)
