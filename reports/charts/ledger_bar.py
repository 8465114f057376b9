"""The disposition ledger as one bar: seven parts that add up to all cells."""

from collections.abc import Mapping

from reports.charts import base

WIDTH, BAR, TOP, LEGEND_ROW = 600.0, 20.0, 4.0, 22.0

DISPOSITIONS: Mapping[str, tuple[str, str]] = {
    "collecting": ("Collecting", "#a3adb4"),
    "auto": ("Auto-accepted", "#0a5fa5"),
    "dispute": ("In dispute", "#d58a00"),
    "adjudicated": ("Adjudicated", "#0f8a5a"),
    "panel": ("Panel", "#0a5a3c"),
    "objective": ("Objective truth", "#6d54c4"),
    "excluded": ("Excluded", "#d6dce0"),
}


def ledger_bar(counts: Mapping[str, int], *, name: str, title: str, total: int) -> base.Chart:
    """Draw the seven dispositions.

    Parameters
    ----------
    counts : mapping
        Disposition code to number of cells; an absent code counts 0.
    name, title : str
        For the element ids; for the heading.
    total : int
        Cells enrolled.

    Returns
    -------
    Chart
        The table closes with the total.

    Raises
    ------
    ValueError
        For an unknown code, a negative count, or counts that do not add up to the total: a ledger that
        does not close is not drawn.
    """
    _check(counts, total)
    equation = " + ".join(f"{counts.get(code, 0):,} {words.lower()}" for code, (words, _) in DISPOSITIONS.items())
    description = f"{equation} = {total:,} cells."
    parts: list[str] = []
    x = 0.0
    for code, (words, fill) in DISPOSITIONS.items():
        width = WIDTH * counts.get(code, 0) / total if total else 0.0
        if width:
            place = {"x": x, "y": TOP, "width": max(width - 1, 0.5), "height": BAR, "class": f"d-{code}", "fill": fill}
            parts.append(base.element("rect", place, base.hint(f"{words}: {_figure(counts.get(code, 0), total)}")))
        x += width
    parts += _legend(counts, total)
    height = TOP + BAR + 8 + LEGEND_ROW * 4
    rows = [
        (words, f"{counts.get(code, 0):,}", _share(counts.get(code, 0), total))
        for code, (words, _) in DISPOSITIONS.items()
    ]
    table = (*rows, ("All cells", f"{total:,}", _share(total, total)))
    svg = base.picture(name, (title, description), (WIDTH, height), parts)
    return base.Chart(svg, title, description, ("Disposition", "Cells", "Share"), table)


def _check(counts: Mapping[str, int], total: int) -> None:
    unknown = sorted(set(counts) - set(DISPOSITIONS))
    if unknown:
        message = f"unknown dispositions: {', '.join(unknown)}"
        raise ValueError(message)
    if min(counts.values(), default=0) < 0:
        message = "a disposition cannot hold fewer than 0 cells"
        raise ValueError(message)
    if sum(counts.values()) != total:
        message = f"the dispositions add up to {sum(counts.values()):,}, not to {total:,} cells"
        raise ValueError(message)


def _legend(counts: Mapping[str, int], total: int) -> list[str]:
    parts = []
    for index, (code, (words, fill)) in enumerate(DISPOSITIONS.items()):
        x, y = (index % 2) * WIDTH / 2, TOP + BAR + 22 + (index // 2) * LEGEND_ROW
        place = {"x": x, "y": y - 9, "width": 10, "height": 10, "class": f"d-{code}", "fill": fill}
        parts.append(base.element("rect", place))
        parts.append(base.text(x + 18, y, words))
        parts.append(base.text(x + WIDTH / 2 - 24, y, _figure(counts.get(code, 0), total), anchor="end"))
    return parts


def _figure(count: int, total: int) -> str:
    return f"{count:,} ({_share(count, total)})" if total else f"{count:,}"


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "undefined"


SPEC = base.ChartSpec(
    title="Disposition ledger",
    function=ledger_bar,
    says="Where does each cell stand, and do the parts add up to the whole?",
)
