"""A protocol document in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.models import Question
from qc.models import ProtocolVersion
from qc.registry import METHODS, PROTOCOLS
from qc.seats import second_model

METHOD_WORDS = {
    "majority": "the answer of more than half of the readers",
    "median": "the middle answer",
    "majority_mask": "every voxel that more than half of the readers marked",
    "staple": "the outline that STAPLE estimates (it weighs each reader by how far the others bear them out)",
}
STATISTIC_WORDS = {
    "dice": "the mean overlap of two outlines (Dice)",
    "dice_min": "the least overlap of two outlines (Dice)",
    "iou": "the mean overlap of two outlines (intersection over union)",
    "iou_min": "the least overlap of two outlines (intersection over union)",
    "hd95": "the distance of two borders (HD95)",
    "hd95_max": "the greatest distance of two borders (HD95)",
    "hausdorff": "the farthest point between two borders (Hausdorff)",
    "hausdorff_max": "the farthest point between any two borders (Hausdorff)",
    "assd": "the average distance of two borders",
    "assd_max": "the greatest average distance of two borders",
    "centre_distance": "the distance of two centres",
    "centre_distance_max": "the greatest distance of two centres",
    "surface_dice": "the share of two borders within the tolerance (surface Dice)",
    "surface_dice_min": "the least share of two borders within the tolerance (surface Dice)",
    "volume_difference": "the difference of two volumes in mL",
    "volume_difference_max": "the greatest difference of two volumes in mL",
}


def protocol_lines(document: Mapping[str, Any], questions: Sequence[Question]) -> tuple[tuple[str, str], ...]:
    """Return a protocol as pairs of heading and sentence, for people who read no JSON."""
    name = document["protocol"]
    lines = [(PROTOCOLS[name].title, PROTOCOLS[name].summary)]
    lines.append(("Readers a case", readers_words(document)))
    matching = document.get("matching")
    if matching:
        limit = matching["tolerance_mm"]
        near = "one slice thickness" if limit == "slice_thickness" else f"{limit:g} mm"
        text = f"Marks of several readers are one finding when their outlines come within {near} of each other."
        lines.append(("One finding", text))
    grouped: dict[str, list[str]] = {}
    for question in questions:
        policy = document["questions"].get(question.code)
        if policy is not None:
            grouped.setdefault(policy_words(policy, question), []).append(question.title)
    lines.extend((titles_words(titles), words) for words, titles in grouped.items())
    return tuple(lines)


def readers_words(document: Mapping[str, Any]) -> str:
    """Return who reads every case, in words."""
    model = second_model(document)
    if model:
        return f"1, blind to the model {model}. Where the two differ a second reads, and the model counts no more."
    return f"{document['seats']}, each blind to the others. A tie goes to a physician."


def protocol_title(version: ProtocolVersion) -> str:
    """Return the name and number of a protocol version for people."""
    title = PROTOCOLS[version.name].title if version.name in PROTOCOLS else version.name
    return f"{title[:1].lower()}{title[1:]}, version {version.number}"


def titles_words(titles: Sequence[str]) -> str:
    """Return the titles of questions with one policy; from the third on only how many more."""
    return " · ".join(titles) if len(titles) < 3 else f"{titles[0]} · and {len(titles) - 1} like it"


def policy_words(policy: Mapping[str, Any], question: Question) -> str:
    """Return what settles a question and what sends it to a physician."""
    settles = METHOD_WORDS.get(policy["method"], METHODS[policy["method"]].title)
    sends = [words for rule, limits in policy.get("rules", {}).items() for words in rule_words(rule, limits, question)]
    text = f"Settled by {settles}."
    return f"{text} To a physician when {' or '.join(sends)}." if sends else text


def rule_words(rule: str, limits: Mapping[str, Any], question: Question) -> list[str]:
    """Return when a rule refers a unit, in words."""
    if rule == "no_majority":
        return ["the readers tie or no answer has a majority"]
    if "answers" in limits:
        return [f"the readers agree on {' or '.join(limits['answers'])}"]
    if rule == "outline_distance":
        return [f"{STATISTIC_WORDS[limits['statistic']]} is above {limits['maximum_mm']:g} mm"]
    if rule != "low_agreement":
        return [rule.replace("_", " ")]
    statistic = str(limits.get("statistic", ""))
    if statistic == "spread":
        unit = question.definition.get("unit") or ("level" if limits.get("maximum") == 1 else "levels")
        return [f"two answers are more than {limits.get('maximum'):g} {unit} apart"]
    what = STATISTIC_WORDS.get(statistic, statistic)
    if "minimum" in limits:
        return [f"{what} is below {limits['minimum']:g}"]
    return [f"{what} is above {limits.get('maximum'):g}"]
