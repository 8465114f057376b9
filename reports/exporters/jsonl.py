"""The gold labels with everything known about each: provenance, votes, dissent; one JSON text a line."""

from reports.exporters.base import Exporter, GoldBundle, json_lines


def lines(bundle: GoldBundle) -> bytes:
    """Return the whole record of every unit with a gold label.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        UTF-8, canonical JSON (sorted keys, no spaces), sorted by case, question and finding.
    """
    return json_lines(bundle.gold())


SPEC = Exporter(
    title="Records (JSON Lines)",
    suffix="jsonl",
    media_type="application/jsonl",
    function=lines,
    loses=("Units without a gold label are not in it.",),
)
