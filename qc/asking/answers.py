"""Posted reads of codes, sets, orders and numbers as the readings that statistics take."""

from typing import Any

import numpy as np

from qc.asking.base import Asked, AskError, Row, names, number
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.rankings import Rankings
from qc.readings.repeat_table import RepeatTable
from qc.readings.scale import Scale
from qc.readings.set_table import SetTable


def scale_of(asked: Asked) -> Scale:
    """Return the declared scale: ``{"kind": "ordinal", "codes": ["1", "2", "3"]}``."""
    value = asked.fact("scale")
    if not isinstance(value, dict) or set(value) != {"kind", "codes"}:
        raise AskError("not-a-scale", "#/scale", "A scale is an object with kind and codes, all codes in their order.")
    codes = names(value["codes"], "#/scale/codes")
    return Scale(str(value["kind"]), codes)


def coded(row: Row, scale: Scale) -> str:
    """Return the code of a read."""
    if not isinstance(row.answer, str) or row.answer not in scale.codes:
        raise AskError("unknown-code", f"{row.at}/answer", "The answer is one of the codes of the scale, as a text.")
    return row.answer


def pattern_table(asked: Asked) -> PatternTable:
    """Return answers that are codes."""
    scale = scale_of(asked)
    for row in asked.rows:
        coded(row, scale)
    return PatternTable.from_rows(asked.by_unit(), scale=scale, clusters=asked.clusters)


def set_table(asked: Asked) -> SetTable:
    """Return answers that are sets: lists of labels, empty where none holds."""
    labels = names(asked.fact("labels"), "#/labels")
    for row in asked.rows:
        is_list = isinstance(row.answer, list) and all(isinstance(item, str) for item in row.answer)
        if not is_list or not set(row.answer) <= set(labels):
            raise AskError("unknown-code", f"{row.at}/answer", "The answer is a list of the labels.")
    return SetTable.from_rows(asked.by_unit(), labels=labels, clusters=asked.clusters)


def rankings(asked: Asked) -> Rankings:
    """Return answers that are orders: groups of options from best to worst, tied options in one group."""
    options = names(asked.fact("choices"), "#/choices")
    for row in asked.rows:
        order_of(row)
    return Rankings.from_orders(asked.by_unit(), options=options, clusters=asked.clusters)


def order_of(row: Row) -> list[list[str]]:
    """Return the order of a read."""
    groups = row.answer
    is_order = isinstance(groups, list) and all(
        isinstance(group, list) and all(isinstance(item, str) for item in group) for group in groups
    )
    if not is_order:
        raise AskError("not-an-order", f"{row.at}/answer", "The answer is a list of groups of options, best first.")
    found: list[list[str]] = groups
    return found


def number_table(asked: Asked) -> NumberTable:
    """Return answers that are numbers."""
    for row in asked.rows:
        number(row)
    return NumberTable.from_rows(asked.by_unit(), unit=unit_of(asked), clusters=asked.clusters)


def repeat_table(asked: Asked) -> RepeatTable:
    """Return answers that are numbers, several of one reader to one unit, told apart by ``repeat``."""
    readers = sorted({row.reader for row in asked.rows})
    place = {unit: index for index, unit in enumerate(asked.units)}
    column = {reader: index for index, reader in enumerate(readers)}
    repeats = max(row.repeat for row in asked.rows) + 1
    values = np.full((len(place), len(readers), repeats), np.nan)
    for row in asked.rows:
        values[place[row.unit], column[row.reader], row.repeat] = number(row)
    return RepeatTable.from_values(values, raters=readers, unit=unit_of(asked), clusters=asked.clusters)


def unit_of(asked: Asked) -> str:
    """Return the physical unit of numbers; empty where none is declared."""
    value: Any = asked.facts.get("measured_in", "")
    if not isinstance(value, str) or len(value) > 30:
        raise AskError("bad-unit", "#/measured_in", "A physical unit is a short text.")
    return value
