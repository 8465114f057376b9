"""Confusion matrix: counts in the cells, shaded by their share of the row."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts import base

LABEL, TOP, HEIGHT, TOTAL, MAX_WIDTH = 132.0, 46.0, 40.0, 56.0, 600.0


@dataclass(frozen=True, slots=True)
class Sides:
    """What the two sides of the matrix are.

    Parameters
    ----------
    rows, columns : str
        Names of the sides ("Consensus of the others", "Reader R03").
    """

    rows: str
    columns: str


def confusion_matrix(
    categories: Sequence[str], counts: Sequence[Sequence[int]], *, name: str, title: str, sides: Sides
) -> base.Chart:
    """Draw how often one side said what the other side said.

    Parameters
    ----------
    categories : sequence of str
        In order; the same for both sides.
    counts : sequence of sequence of int
        Shape (categories, categories): ``counts[row][column]``.
    name, title : str
        For the element ids; for the heading.
    sides : Sides
        What rows and columns are.

    Returns
    -------
    Chart
        The share of a row without items is undefined and its cells are hollow.

    Raises
    ------
    ValueError
        When ``counts`` is not square with one row a category.
    """
    if len(counts) != len(categories) or any(len(row) != len(categories) for row in counts):
        message = f"counts must be {len(categories)} × {len(categories)}, one row and column a category"
        raise ValueError(message)
    cell = min(84.0, (MAX_WIDTH - LABEL - TOTAL) / max(len(categories), 1))
    size = (LABEL + cell * len(categories) + TOTAL, TOP + HEIGHT * len(categories) + 2)
    parts = _heads(categories, cell, sides)
    table: list[tuple[str, ...]] = []
    words: list[str] = []
    for index, row in enumerate(counts):
        y, total = TOP + HEIGHT * index, sum(row)
        parts.append(base.text(LABEL - 10, y + 24, base.cut(categories[index], LABEL - 14), anchor="end"))
        parts.append(base.text(size[0], y + 24, f"{total:,}", anchor="end", css="c-dim", fill=base.DIM))
        for column, count in enumerate(row):
            hint = f"{sides.rows} {categories[index]}, {sides.columns} {categories[column]}: {_figure(count, total)}"
            parts.append(_cell((LABEL + cell * column, y, cell - 2, HEIGHT - 2), count, total, hint))
            words.append(hint)
        table.append((categories[index], *(f"{count:,}" for count in row), f"{total:,}"))
    description = base.sentence(words)
    svg = base.picture(name, (title, description), size, parts)
    return base.Chart(svg, title, description, (f"{sides.rows} \\ {sides.columns}", *categories, "All"), tuple(table))


def _heads(categories: Sequence[str], cell: float, sides: Sides) -> list[str]:
    wide = LABEL + cell * len(categories)
    parts = [
        base.text(LABEL - 10, 36, base.cut(sides.rows, LABEL - 12), anchor="end", css="c-dim", fill=base.DIM),
        base.text(LABEL + (wide - LABEL) / 2, 14, sides.columns, anchor="middle", css="c-dim", fill=base.DIM),
        base.text(wide + TOTAL, 36, "All", anchor="end", css="c-dim", fill=base.DIM),
    ]
    for index, category in enumerate(categories):
        parts.append(base.text(LABEL + cell * (index + 0.5), 36, base.cut(category, cell - 4), anchor="middle"))
    return parts


def _cell(box: tuple[float, float, float, float], count: int, total: int, hint: str) -> str:
    x, y, width, height = box
    place: dict[str, object] = {"x": x, "y": y, "width": width, "height": height}
    middle = x + width / 2
    if not total:
        hollow = {**place, "class": "c-empty", "fill": base.PAPER, "stroke": base.LINE}
        return base.element("rect", hollow, base.hint(hint)) + base.text(middle, y + 23, "0", anchor="middle")
    css, fill, label_css, label = base.shade(count / total)
    drawn = base.element("rect", {**place, "class": css, "fill": fill}, base.hint(hint))
    drawn += base.text(middle, y + 18, f"{count:,}", anchor="middle", css=label_css, fill=label)
    share = f"{100 * count / total:.0f} %"
    return drawn + base.text(middle, y + 31, share, anchor="middle", css=label_css, fill=label, size=10)


def _figure(count: int, total: int) -> str:
    return f"{count:,} of {total:,}"


SPEC = base.ChartSpec(
    title="Confusion matrix",
    function=confusion_matrix,
    says="Which categories are mistaken for which?",
)
