"""Whether whoever decided had seen no answer outside the queue, and whether patients stand in one split each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from reports.verification.base import Item, compared
from reports.verification.content import Content, Json, csv_rows, json_values

EXPOSURE = "exposure.jsonl"
SPLITS = "splits.csv"
QUEUE = "adjudication"


def check_exposure(content: Content, files: Mapping[str, bytes]) -> Item:
    """Check that every decision in force was signed by somebody who saw its answers in the queue and nowhere before."""
    if EXPOSURE not in files:
        return Item("blinding", "reproduced", "the package is older than the record of who saw what")
    lines = list(json_values(files, EXPOSURE))
    detail = f"{len(lines)} answers shown, {len(content.adjudications)} decisions"
    return compared("blinding", exposure_faults(content, lines), detail)


def exposure_faults(content: Content, lines: list[Json]) -> Iterator[str]:
    """Yield each decision whose signer saw an answer of the case elsewhere before, or its answers never."""
    seen: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for line in lines:
        seen[line["viewer"], line["case"]].append(line)
    for line in content.adjudications:
        if not line["in_force"]:
            continue
        unit = f"{line['case']} / {line['question']}"
        shown = seen.get((line["adjudicator"], line["case"]), [])
        if any(one["stage"] != QUEUE and one["shown_at"] < line["signed_at"] for one in shown):
            yield f"{unit}: {line['adjudicator']} saw an answer outside the queue before signing"


def check_splits(content: Content, files: Mapping[str, bytes]) -> Item:
    """Check that every patient stands in one split, and no image on both sides."""
    if SPLITS not in files:
        return Item("splits", "reproduced", "the release has no split")
    rows = csv_rows(files, SPLITS)
    return compared("splits", split_faults(content, rows, files), f"{len(rows)} patients")


def split_faults(content: Content, rows: list[Json], files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield each patient who is missing or twice, and each image that stands in two splits."""
    splits: dict[str, str] = {}
    for row in rows:
        if row["subject"] in splits:
            yield f"{row['subject']}: stands twice in {SPLITS}"
        splits[row["subject"]] = row["split"]
    for case in content.cases.values():
        if case.subject not in splits:
            yield f"{case.subject}: has no split"
    sides: dict[str, str] = {}
    for row in csv_rows(files, "cases.csv"):
        digest, split = row["pixel_digest"], splits.get(row["subject"], "")
        if digest and sides.setdefault(digest, split) != split:
            yield f"{row['case']}: its image stands in the splits {sides[digest]} and {split}"
