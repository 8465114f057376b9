"""The gold labels in the layout of a Hugging Face data set: a card and one JSON text a line.

Source: huggingface.co/docs/hub, "Dataset cards" and "Manual configuration" (2024).
"""

import json
from collections.abc import Iterator

from reports.exporters._account import models_said
from reports.exporters._rows import COLUMNS, flat_rows
from reports.exporters.base import Exporter, GoldBundle, json_lines
from reports.exporters.manifest import zipped

TYPES = {"text": "string", "number": "float64", "count": "int64"}
DATA = "data/gold.jsonl"


def layout(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``README.md``, ``data/gold.jsonl`` and ``data/open.jsonl``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        ``open.jsonl`` lists the units without a gold label and is no part of the data set itself.
    """
    names = ("case", "question", "finding", "disposition", "reason")
    rest = ({name: record[name] for name in names} for record in bundle.others())
    card = "".join(line + "\n" for line in _card(bundle)).encode()
    return zipped({"README.md": card, DATA: json_lines(flat_rows(bundle)), "data/open.jsonl": json_lines(rest)})


def _card(bundle: GoldBundle) -> Iterator[str]:
    """Yield the lines of the card; a JSON text is a YAML text, whatever a name holds."""
    project, release = bundle.project, bundle.release
    yield "---"
    yield f"pretty_name: {json.dumps(project['name'])}"
    yield f"version: {json.dumps(str(release['number']))}"
    yield "configs:"
    yield "- config_name: default"
    yield "  data_files:"
    yield "  - split: gold"
    yield f"    path: {DATA}"
    yield "dataset_info:"
    yield "  features:"
    for name, (kind, _) in COLUMNS.items():
        yield f"  - name: {name}"
        yield f"    dtype: {TYPES[kind]}"
    yield "---"
    yield ""
    yield f"# {_plain(project['name'])}, release {release['number']}"
    yield ""
    models = [" ".join(said) for said in models_said(bundle.protocol["document"], bundle.records).items()]
    for text in (*models, project["description"], project["simulated_note"], project["attribution"]):
        if text:
            yield _plain(text)
            yield ""
    yield f"{len(bundle.gold())} settled labels; {len(bundle.others())} units without one are in data/open.jsonl."
    yield f"This is a rendering of the signed release with the digest `{release['digest']}`."
    yield ""
    yield "| column | holds |"
    yield "|---|---|"
    for name, (_, text) in COLUMNS.items():
        yield f"| `{name}` | {text} |"


def _plain(text: str) -> str:
    """Return a text on one line that cannot become markup."""
    flat = " ".join(str(text).split())
    for character in "\\|<>[]*_`#":
        flat = flat.replace(character, "\\" + character)
    return flat


SPEC = Exporter(
    title="Hugging Face data set (zip)",
    suffix="zip",
    media_type="application/zip",
    function=layout,
    loses=(
        "The dissenting answers are counted, not quoted.",
        "No licence is named, because a release does not state one: add it to the card.",
        "No split into train and test is made; split by subject.",
    ),
)
