"""The division of a scan's outlines into reading sessions: its rules, and how far it agrees with another's."""

import csv
import gzip
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.demo.sessions import MOST_SESSIONS, SEATS, divide
from tests.shared import shared


@pytest.mark.parametrize(
    ("nodule_ids", "findings", "expected"),
    [
        # A change of style, and only that.
        (["Nodule 001", "IL057_196991", "0"], "aaa", (1, 2, 3)),
        # Small steps backwards belong to one session, a jump does not.
        (["76664", "76661", "76669", "15270", "15275", "0", "2"], "bcdbeef", (1, 1, 1, 2, 2, 3, 3)),
        # Two outlines of one nodule are two sessions, however near the numbers.
        (["3120", "3103", "3099", "3107"], "abab", (1, 1, 2, 2)),
        ([], "", ()),
        (["7"], "a", (1,)),
    ],
)
def test_divisions(nodule_ids: list[str], findings: str, expected: tuple[int, ...]) -> None:
    found = divide(nodule_ids, findings)
    assert found is not None
    assert found.ordinals == expected
    assert found.are_known


def test_five_outlines_of_one_nodule_are_no_four_sessions() -> None:
    found = divide(["1", "2", "3", "4", "5"], "aaaaa")
    assert found is not None
    assert found.ordinals == (1, 2, 3, 4, 5)
    assert not found.are_known


def test_more_than_eight_are_not_divided() -> None:
    assert divide([str(n) for n in range(MOST_SESSIONS + 1)], "a" * (MOST_SESSIONS + 1)) is None


OUTLINES = st.lists(
    st.tuples(st.sampled_from(["", "Nodule ", "MI014_"]), st.integers(0, 3000), st.sampled_from("abcd")), max_size=9
)


@given(OUTLINES)
def test_every_division_keeps_the_rules(outlines: list[tuple[str, int, str]]) -> None:
    found = divide([f"{style}{number}" for style, number, _ in outlines], [nodule for *_, nodule in outlines])
    if found is None:
        return
    assert found.are_known == (max(found.ordinals, default=0) <= SEATS)
    steps = [b - a for a, b in itertools.pairwise((1, *found.ordinals))]
    assert set(steps) <= {0, 1}
    for _, members in itertools.groupby(zip(found.ordinals, outlines, strict=True), key=lambda pair: pair[0]):
        styles, _, nodules = zip(*(outline for _, outline in members), strict=True)
        assert len(set(styles)) == 1
        assert len(set(nodules)) == len(nodules)


def test_another_heuristic_divides_nearly_all_scans_alike() -> None:
    scans: dict[str, list[dict[str, str]]] = {}
    with gzip.open(shared("data/lidc_idri/lidc_nodules.csv.gz"), "rt") as stream:
        for row in csv.DictReader(stream):
            scans.setdefault(row["scan_id"], []).append(row)
    n_same = n_outlines = 0
    unknown, theirs_unknown = set(), set()
    for scan, rows in scans.items():
        found = divide([row["xml_nodule_id"] for row in rows], [row["cluster_id"] for row in rows])
        assert found is not None
        if not found.are_known:
            unknown.add(scan)
        if rows[0]["inferred_session_method"] == "failed":
            theirs_unknown.add(scan)
            continue
        n_outlines += len(rows)
        n_same += sum(int(row["inferred_session_ord"]) == mine for row, mine in zip(rows, found.ordinals, strict=True))
    # Theirs goes forward once and gives up on five scans for which a division into four exists.
    assert unknown < theirs_unknown
    assert (len(unknown), len(theirs_unknown)) == (18, 23)
    assert (n_same, n_outlines) == (6567, 6585)
