"""Whether every cell stands in exactly one disposition, the sum is N, and the units say the same."""

from collections import Counter
from collections.abc import Iterator

from reports.verification.base import Item, compared, written
from reports.verification.content import Content, Json

# How open a unit leaves its cell: the largest number wins (the order of the service's ledger).
OPENNESS = {
    ("excluded", "not applicable"): 0,
    ("excluded", "cannot be assessed"): 1,
    ("auto_accepted", ""): 2,
    ("adjudicated", ""): 3,
    ("panel", ""): 4,
    ("collecting", "waits for its finding"): 5,
    ("collecting", "waits for a further reader"): 6,
    ("in_dispute", ""): 7,
}


def check_ledger(content: Content) -> Item:
    """Check that the ledger closes to cases times questions and that it is the ledger of these units."""
    n_cells = len(content.cases) * len(content.questions)
    detail = f"{len(content.cases)} cases × {len(content.questions)} questions = {n_cells} cells"
    return compared("ledger closes", ledger_differences(content), detail)


def ledger_differences(content: Content) -> Iterator[str]:
    """Yield each cell that is missing, twice, or not as its units are, and each count that is not the sum."""
    cells = Counter((row["case"], row["question"]) for row in content.ledger)
    wanted = {(case, question.code) for case in content.cases for question in content.questions}
    for case, question in sorted(wanted - cells.keys()):
        yield f"{case} / {question}: missing in ledger.csv"
    for case, question in sorted(cells.keys() - wanted):
        yield f"{case} / {question}: stands in ledger.csv and in no question or case"
    for (case, question), number in sorted(cells.items()):
        if number > 1:
            yield f"{case} / {question}: stands {number} times in ledger.csv"
    yield from count_differences(content)
    yield from cell_differences(content)


def count_differences(content: Content) -> Iterator[str]:
    """Yield each count of the signed manifest that ledger.csv does not give."""
    ledger = content.manifest["ledger"]
    total = Counter(row["disposition"] for row in content.ledger)
    by_question: dict[str, Counter[str]] = {}
    for row in content.ledger:
        by_question.setdefault(row["question"], Counter())[row["disposition"]] += 1
    sides = {"in total": (ledger["counts"], total)}
    for code, counts in ledger["by_question"].items():
        sides[f"of {code}"] = (counts, by_question.get(code, Counter()))
    for what, (signed, counted) in sides.items():
        for name in sorted(signed.keys() | counted.keys()):
            if signed.get(name, 0) != counted[name]:
                yield f"{name} {what}: {signed.get(name, 0)} in the manifest, {counted[name]} in ledger.csv"


def cell_differences(content: Content) -> Iterator[str]:
    """Yield each cell whose units are more or less open than the cell, and each unit that names another cell."""
    units: dict[tuple[str, str], list[Json]] = {}
    for record in content.records.values():
        units.setdefault((record["case"], record["question"]), []).append(record)
    for row in content.ledger:
        case = content.cases.get(row["case"])
        records = units.get((row["case"], row["question"]), [])
        stands = (row["disposition"], row["reason"])
        for record in records:
            if record["cell"] != row["disposition"]:
                unit = (record["case"], record["question"], record["finding"])
                yield f"{written(unit)}: the record says that its cell is {record['cell']}"
        if case is None or not records or case.excluded:
            if case is not None and case.excluded and stands != ("excluded", case.excluded):
                yield f"{row['case']} / {row['question']}: the case is excluded, the cell is {stands[0]}"
            continue
        most_open = max(records, key=openness)
        if (most_open["disposition"], most_open["reason"]) != stands:
            yield f"{row['case']} / {row['question']}: {stands[0]}, but a unit is {most_open['disposition']}"


def openness(record: Json) -> int:
    """Return how open a unit leaves its cell."""
    return OPENNESS.get((record["disposition"], record["reason"]), len(OPENNESS))
