"""The release in plain words: what it is, who read it, how it was decided, how far readers agreed, what it lacks."""

from collections.abc import Iterator

from reports.exporters._account import LIMITS, ledger_sentence, models_said, written
from reports.exporters.base import Exporter, GoldBundle


def datasheet(bundle: GoldBundle) -> bytes:
    """Return a Markdown text made from the release alone.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        UTF-8. Simulated readers are named as such in the first line.
    """
    parts = [heading(bundle), people(bundle), decisions(bundle), agreement(bundle), closing(bundle)]
    return "\n".join(line for part in parts for line in part).encode()


def heading(bundle: GoldBundle) -> Iterator[str]:
    """Yield what the release is."""
    project, release = bundle.project, bundle.release
    if project["simulated_note"]:
        yield f"**Simulated readers.** {plain(project['simulated_note'])}"
        yield ""
    for name, text in models_said(bundle.protocol["document"], bundle.records).items():
        yield f"**{name}** {plain(text)}"
        yield ""
    yield f"# {plain(project['name'])}, release {release['number']}"
    yield ""
    if project["description"]:
        yield plain(project["description"])
        yield ""
    yield f"- Content address: `{release['digest']}`"
    yield f"- Frozen at: {release['frozen_at']}"
    parent = release["parent"]
    yield f"- Follows: release {parent['number']} (`{parent['digest']}`)" if parent else "- Follows: no earlier release"
    yield f"- Made by: Consilium {release['software']['version']}, code version {release['software']['code_version']}"
    if release["note"]:
        yield f"- Note: {plain(release['note'])}"
    yield ""


def people(bundle: GoldBundle) -> Iterator[str]:
    """Yield who read what."""
    counts, ledger = bundle.counts, bundle.ledger
    n_models = sum(reader["kind"] == "model" for reader in bundle.readers)
    yield "## Cases and readers"
    yield ""
    yield f"- {ledger['n_cases']} cases of {counts['n_subjects']} patients"
    yield f"- {len(bundle.readers) - n_models} readers who are people, {n_models} models; {counts['n_seats']} readings"
    if not bundle.project["knows_readers"]:
        yield "- A reader's code names a different person in each case: readers are exchangeable, not known"
    yield f"- {counts['n_reads']} answers and revisions, of which {counts['n_counted']} count"
    yield f"- {counts['n_adjudications']} signed decisions by {counts['n_adjudicators']} adjudicators"
    yield ""
    yield "| question | kind | scale | asked about |"
    yield "|---|---|---|---|"
    for question in bundle.schema["questions"]:
        about = question["about"] or "the case"
        title = f"{plain(question['title'])} (`{question['code']}`)"
        yield f"| {title} | {question['kind']} | {question['scale']} | {about} |"
    yield ""


def decisions(bundle: GoldBundle) -> Iterator[str]:
    """Yield the protocol and the ledger as one sentence whose numbers close."""
    protocol, ledger = bundle.protocol, bundle.ledger
    yield "## How labels were decided"
    yield ""
    document = protocol["document"]
    model = document.get("model") if protocol["name"] == "ai_second_reader" else None
    asked = f"one reader and the model `{plain(model)}`" if model else f"{document['seats']} readers"
    yield (
        f"Protocol `{protocol['name']}`, version {protocol['number']} (`{protocol['digest']}`), with "
        f"{asked} asked for each case. The document is protocol.json; the questions are "
        f"schema.json, version {bundle.schema['version']}."
    )
    yield ""
    yield ledger_sentence(ledger)
    yield ""
    yield f"{len(bundle.gold())} of {len(bundle.records)} units (case, question, finding) have a gold label."
    yield ""


def agreement(bundle: GoldBundle) -> Iterator[str]:
    """Yield every statistic that is not of one pair of readers, with bounds or the reason why there are none."""
    yield "## Agreement between readers"
    yield ""
    rows = [row for row in bundle.statistics if not row["pair"]]
    if not rows:
        yield "No statistic could be computed."
        yield ""
        return
    yield "| question | statistic | units | n units | n patients | value | bounds |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        estimate = row["estimate"]
        value, bounds = written(estimate)
        patients = "unknown" if estimate["n_clusters"] is None else estimate["n_clusters"]
        yield (
            f"| {row['question']} | {row['title']} | {row['population']} | {estimate['n_units']} | {patients} "
            f"| {value} | {bounds} |"
        )
    yield ""
    n_pairwise = len(bundle.statistics) - len(rows)
    if n_pairwise:
        yield f"{n_pairwise} statistics of single pairs of readers stand in stats.json."
        yield ""


def closing(bundle: GoldBundle) -> Iterator[str]:
    """Yield limits, attribution and how to check the package."""
    yield "## Limits"
    yield ""
    yield from (f"- {line}" for line in LIMITS)
    yield ""
    if bundle.project["attribution"]:
        yield "## Attribution"
        yield ""
        yield plain(bundle.project["attribution"])
        yield ""
    yield "## How to check it"
    yield ""
    yield (
        "`python -m reports.verification PACKAGE --key key.pub` compares every file with the signed manifest and "
        "computes labels and statistics again from the reads, without a network or a database."
    )
    yield ""


def plain(text: str) -> str:
    """Return a text on one line that cannot break a table or become markup."""
    flat = " ".join(str(text).split())
    for character in "\\|<>[]*_`#":
        flat = flat.replace(character, "\\" + character)
    return flat


SPEC = Exporter(
    title="Datasheet (Markdown)",
    suffix="md",
    media_type="text/markdown; charset=utf-8",
    function=datasheet,
    loses=("It describes the labels and does not hold them.",),
    is_whole=True,
)
