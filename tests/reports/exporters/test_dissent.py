from hypothesis import given
from hypothesis import strategies as st

from reports.exporters.base import digest_of
from reports.exporters.dissent import ReadFacts, dissent_of, soft_label

GOLD_MASK = {"kind": "mask", "shape": [1, 1, 1], "runs": "AAE"}
NOTHING = {"kind": "nothing_found"}
UNABLE = {"kind": "cannot_assess", "reason": "motion"}


def read(reader, label, mark="", region=False):
    digest = digest_of({"of": reader, "at": mark}) if region else digest_of(label)
    return ReadFacts(reader, mark, 1, digest, label["kind"], None if region else label)


def code(value):
    return {"kind": "category", "code": value}


def outline(reader, mark="1"):
    return read(reader, {"kind": "polygon"}, mark, region=True)


def says(label, used, answers=(), voxels=None):
    found = dissent_of(label, digest_of(label), used, [*used, *answers], voxels or {})
    return [(entry["reader"], entry["says"]) for entry in found]


def test_only_those_who_said_something_else_are_named():
    used = [read("ada", code("a")), read("ben", code("b")), read("cyd", code("a"))]
    assert says(code("a"), used) == [("ben", "other")]
    (entry,) = dissent_of(code("a"), digest_of(code("a")), used, used, {})
    assert entry["label"] == code("b")
    assert entry["digest"] == used[1].digest


def test_who_could_not_assess_is_named():
    assert says(code("a"), [read("ada", code("a"))], [read("ben", UNABLE)]) == [("ben", "cannot_assess")]


def test_who_saw_nothing_where_the_gold_set_has_a_finding():
    others = [read("cyd", NOTHING), outline("ben", "7"), outline("ben", "8")]
    assert says(GOLD_MASK, [outline("ada")], others) == [("ada", "outline"), ("ben", "absent"), ("cyd", "absent")]


def test_who_saw_something_where_the_gold_set_has_nothing():
    assert says(NOTHING, [outline("ada")], [read("ben", NOTHING)]) == [("ada", "present")]


def test_a_region_is_named_by_digest_and_size_and_not_repeated():
    used = [outline("ada")]
    (entry,) = dissent_of(GOLD_MASK, digest_of(GOLD_MASK), used, [], {"ada": 42})
    assert entry == {**used[0].reference(), "says": "outline", "n_voxels": 42}


@given(st.permutations(range(5)))
def test_the_order_of_reads_changes_nothing(order):
    answers = [outline("ada", "1"), outline("ada", "2"), read("ben", UNABLE), read("dan", NOTHING), outline("cyd", "9")]
    shuffled = [answers[place] for place in order]
    used = [outline("eve")]
    expected = dissent_of(GOLD_MASK, digest_of(GOLD_MASK), used, answers, {})
    assert dissent_of(GOLD_MASK, digest_of(GOLD_MASK), used, shuffled, {}) == expected


def test_soft_labels_are_shares_of_the_readers():
    assert soft_label({"codes": {"ada": "1", "ben": "2", "cyd": "1"}}, {}) == {"1": 2 / 3, "2": 1 / 3}
    assert soft_label({}, {"present": 3, "absent": 1}) == {"absent": 0.25, "present": 0.75}
    assert soft_label({"numbers": {"ada": 2.0}}, {}) == {}
