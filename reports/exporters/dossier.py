"""The truthing dossier: one page that answers what a regulator asks of a reference standard, in that order.

The order follows what the FDA asks for in its guidance on clinical performance assessment of computer-assisted
detection devices (2022, reference standard and reader studies): what truth is, who established it, how independent
they were, how disagreement was settled, how far they agreed, and what is left open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from annotations.labels._words import words_of
from reports.exporters._account import DISPOSITIONS, LIMITS, ledger_sentence, models_said, written
from reports.exporters.base import Exporter, GoldBundle, Record, json_file

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;"
    "color:#14181b;background:#fff}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem;border-top:1px solid #ccd2d6;padding-top:1rem}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.25rem .6rem;"
    "border-bottom:1px solid #e2e6e9;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "code{font-size:.85em;word-break:break-all}.sim{border:2px solid #9a5b00;padding:.5rem 1rem}.dim{color:#59636a}"
    "pre{background:#f5f7f8;padding:1rem;overflow:auto;font-size:.8rem}"
    "@media print{h2{break-after:avoid}tr{break-inside:avoid}}"
)
# Of a release with more disputes the rest stands in adjudications.jsonl.
SHOWN_DISPUTES = 2000
PERSON = "adjudication"


def dossier(bundle: GoldBundle) -> bytes:
    """Return one HTML page that needs nothing else: no script, no font, no network.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        UTF-8. Every figure carries its n and bounds, or the reason why it has none.
    """
    project, release = bundle.project, bundle.release
    version = f" ({escape(release['version'])})" if release.get("version") else ""
    title = f"{escape(project['name'])}, release {release['number']}{version}: how its labels came about"
    sections = (
        _what(bundle),
        _who(bundle),
        _independent(bundle),
        _settled(bundle),
        _agreement(bundle),
        _disputes(bundle),
        _open(bundle),
        _check(bundle),
    )
    body = "".join(part for section in sections for part in section)
    simulated = ""
    if project["simulated_note"]:
        simulated = f'<p class="sim"><b>Simulated readers.</b> {escape(project["simulated_note"])}</p>'
    for name, text in models_said(bundle.protocol["document"], bundle.records).items():
        simulated += f'<p class="sim"><b>{escape(name)}</b> {escape(text)}</p>'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>"
        f"<body><h1>{title}</h1>{simulated}<p>{escape(project['description'])}</p>{body}</body></html>\n"
    ).encode()


def _section(number: int, title: str) -> str:
    return f"<h2>{number}. {escape(title)}</h2>"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]], *, numbers: frozenset[int] = frozenset()) -> str:
    header = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = []
    for row in rows:
        cells = (
            f'<td class="n">{escape(str(cell))}</td>' if place in numbers else f"<td>{escape(str(cell))}</td>"
            for place, cell in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{header}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _what(bundle: GoldBundle) -> Iterator[str]:
    yield _section(1, "What the reference standard is")
    release, questions = bundle.release, bundle.schema["questions"]
    yield f"<p>{escape(ledger_sentence(bundle.ledger))} Content address <code>{release['digest']}</code>, frozen at "
    yield f"{escape(release['frozen_at'])}.</p>"
    rows = ((one["title"], one["kind"], one["scale"], one["about"] or "the case") for one in questions)
    yield _table(("Question", "Kind", "Scale", "Asked about"), rows)
    if bundle.schema["guideline"]:
        yield f"<p>Guideline, version {bundle.schema['version']}:</p><pre>{escape(bundle.schema['guideline'])}</pre>"


def _who(bundle: GoldBundle) -> Iterator[str]:
    yield _section(2, "Who established it")
    counts = bundle.counts
    models = [reader["code"] for reader in bundle.readers if reader["kind"] == "model"]
    yield f"<p>{len(bundle.readers) - len(models)} people and {len(models)} models read "
    yield f"{bundle.ledger['n_cases']} cases of {counts['n_subjects']} patients in {counts['n_seats']} readings; "
    yield f"{counts['n_adjudicators']} adjudicators signed {counts['n_adjudications']} decisions. "
    yield "All under pseudonyms.</p>"
    if models:
        yield f"<p>Models among the readers: {escape(', '.join(models))}.</p>"
    if not bundle.project["knows_readers"]:
        yield "<p>A reader's code names a different person in each case: nothing here speaks of a single reader.</p>"


def _independent(bundle: GoldBundle) -> Iterator[str]:
    yield _section(3, "How independent they were")
    document = bundle.protocol["document"]
    yield "<p>This service shows no reader another's answer before finishing. Reads that came from a file were made "
    yield "elsewhere: how blind they were is for the description above to say. "
    if document.get("look_first"):
        yield "An adjudicator answered from the image alone before any read was shown. "
    yield "Reads are shown to adjudicators under letters that are shuffled anew for each case; who was shown which "
    yield "answer when is exposure.jsonl, and whoever read a case, or saw an answer elsewhere, could not settle it.</p>"


def _settled(bundle: GoldBundle) -> Iterator[str]:
    yield _section(4, "How disagreement was settled")
    protocol = bundle.protocol
    document = protocol["document"]
    yield f"<p>Protocol <code>{escape(protocol['name'])}</code>, version {protocol['number']}: "
    yield f"{document['seats']} readers are due for each case"
    yield f", at most {document['most']}" if document.get("most") else ""
    panel = document.get("panel")
    yield f"; a panel of {panel['seats']} decides what is referred to it" if panel else ""
    yield ". A tie is a dispute and never a pick.</p>"
    by = Counter(record["disposition"] for record in bundle.records)
    yield _table(
        ("How a unit stands", "Units"),
        ((words, by[name]) for name, words in DISPOSITIONS.items() if by[name]),
        numbers=frozenset({1}),
    )
    yield f"<p>The whole document:</p><pre>{escape(json_file(document).decode())}</pre>"


def _agreement(bundle: GoldBundle) -> Iterator[str]:
    yield _section(5, "How far the readers agreed")
    yield '<p class="dim">Measured on the readers who were due whatever anybody answered; bounds resample patients.</p>'
    rows = []
    for row in bundle.statistics:
        if not row["pair"]:
            value, bounds = written(row["estimate"])
            rows.append((row["question"], row["title"], row["population"], row["estimate"]["n_units"], value, bounds))
    if rows:
        head = ("Question", "Statistic", "Units", "n", "Value", "Bounds")
        yield _table(head, rows, numbers=frozenset({3}))
    else:
        yield "<p>No statistic could be computed.</p>"


def _disputes(bundle: GoldBundle) -> Iterator[str]:
    yield _section(6, "Every dispute and how it closed")
    decided = [record for record in bundle.records if record["provenance"]["by"] == PERSON]
    if not decided:
        yield "<p>No unit was decided by a person.</p>"
        return
    definitions = {one["code"]: one["definition"] for one in bundle.schema["questions"]}
    shown = decided[:SHOWN_DISPUTES]
    yield _table(
        ("Case", "Question", "What the readers said", "Decided", "By", "Cause", "Because"),
        (_dispute(record, definitions[record["question"]]) for record in shown),
    )
    if len(decided) > len(shown):
        yield f"<p>The first {len(shown)} of {len(decided)}; all of them are in adjudications.jsonl.</p>"


def _dispute(record: Record, definition: Mapping[str, Any]) -> tuple[object, ...]:
    provenance, label = record["provenance"], record["label"]
    votes = ", ".join(f"{code} {count}" for code, count in record["votes"].items()) or f"{len(record['inputs'])} reads"
    panel = f", {provenance['votes']} votes" if provenance.get("votes") else ""
    finding = f" #{record['number']}" if record["finding"] else ""
    return (
        record["case"] + finding,
        record["question"],
        votes,
        "no label" if label is None else words_of(label, definition),
        f"{provenance['adjudicator']}: {provenance['decision']}{panel}",
        provenance["cause"],
        provenance["rationale"],
    )


def _open(bundle: GoldBundle) -> Iterator[str]:
    yield _section(7, "What is open, excluded or limited")
    why = Counter((record["disposition"], record["reason"]) for record in bundle.others())
    if why:
        rows = ((DISPOSITIONS[one], reason or "–", count) for (one, reason), count in sorted(why.items()))
        yield _table(("Without a label because", "Reason", "Units"), rows, numbers=frozenset({2}))
    yield "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in LIMITS) + "</ul>"
    if bundle.project["attribution"]:
        yield f"<p>{escape(bundle.project['attribution'])}</p>"


def _check(bundle: GoldBundle) -> Iterator[str]:
    yield _section(8, "How to check all this")
    software = bundle.release["software"]
    yield "<p><code>python -m reports.verification PACKAGE --key key.pub</code> compares every file with the signed "
    yield "manifest, settles every unit again from the reads, traces every decision to its signature, and computes "
    yield f"every statistic again. Made by Consilium {escape(software['version'])}, "
    yield f"code version {software['code_version']}.</p>"


SPEC = Exporter(
    title="Truthing dossier (HTML)",
    suffix="html",
    media_type="text/html; charset=utf-8",
    function=dossier,
    loses=("It describes the labels and does not hold them.",),
    is_whole=True,
)
