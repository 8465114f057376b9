from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.exporters._names import file_stems, plane_name

KEYS = st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6, unique=True)


@given(KEYS)
def test_names_are_safe_and_different_whatever_the_keys(keys):
    stems = file_stems(keys)
    assert list(stems) == keys
    assert len({stem.casefold() for stem in stems.values()}) == len(keys)
    for stem in stems.values():
        assert PurePosixPath(stem).name == PureWindowsPath(stem).name == stem
        assert stem.isascii()
        assert stem.isprintable()
        assert "+" not in stem
        assert not stem.startswith(".")
        assert not stem.endswith(".")
        assert len(stem) <= 118


@pytest.mark.parametrize("key", ["c1", "1.2.840.10008", "LIDC-IDRI-0001", "a_b"])
def test_a_plain_key_stays_as_it_is(key):
    assert file_stems([key]) == {key: key}


@pytest.mark.parametrize("key", ["../../etc/passwd", "a\\b", "..", "ß 漢", "=cmd", "con", "Lpt1.x", "a\0b", "a."])
def test_a_hostile_key_is_written_so_that_it_can_be_read_back(key):
    stem = file_stems([key])[key]
    assert stem != key
    assert "/" not in stem
    assert unquote(stem) == key


def test_keys_that_differ_in_case_alone_do_not_meet():
    stems = file_stems(["Case", "case", "other"])
    assert stems["other"] == "other"
    assert stems["Case"].startswith("Case%-")
    assert stems["case"].startswith("case%-")


def test_a_long_key_is_cut_and_told_apart_by_its_digest():
    first, second = "a" * 200, "a" * 200 + "b"
    stems = file_stems([first, second])
    assert stems[first] != stems[second]
    assert all(len(stem) == 118 for stem in stems.values())


def test_only_a_volume_numbers_its_slices():
    assert plane_name("c", 0, 1) == "c"
    assert plane_name("c", 7, 30) == "c+slice0007"
