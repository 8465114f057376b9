"""``manage.py statistic``: any statistic or consensus method on a file of reads, outside of every project."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from annotations.errors import InvalidInput
from annotations.management.base import VerbCommand
from qc.api_asking import answer_of
from qc.asking import ask, settle
from qc.asking.base import AskError
from qc.asking.table import reads_of_csv
from qc.registry import METHODS

LARGEST_FILE = 50_000_000


class Command(VerbCommand):
    """Compute one entry of the catalogues; without a name, list them."""

    help = "Compute a statistic or a consensus on a file of reads: JSON as the API takes it, or CSV. Nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name, the file and what a CSV file does not say."""
        super().add_arguments(parser)
        parser.add_argument("name", nargs="?", help="A statistic, or a consensus method; without it all are listed.")
        parser.add_argument("file", nargs="?", help="JSON, or CSV with unit, reader, answer; - for stdin.")
        parser.add_argument("--scale", choices=["nominal", "ordinal", "interval", "ratio"], help="Of the answers.")
        parser.add_argument("--codes", help="All codes of the scale in their order, separated by commas.")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=JSON", help="A member of the body.")
        parser.add_argument("--option", action="append", default=[], metavar="NAME=JSON", help="An option.")

    def act(self, **options: Any) -> Any:
        """Compute what was named, or list what there is."""
        name = options.get("name")
        if not name:
            return self._catalogue()
        body = self._body(options)
        if name in METHODS.names:
            return answer_of(settle.consensus, name, body)
        return answer_of(ask.statistic, name, body)

    def _catalogue(self) -> list[dict[str, Any]]:
        rows = [
            {"name": one["name"], "title": one["title"], "answer": one["answer"]}
            for family, entries in ask.catalogue().items()
            for one in (ask.described(family, name, entry) for name, entry in entries.items())
        ]
        return rows + [{"name": name, "title": one.title, "answer": one.takes} for name, one in METHODS.items()]

    def _body(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the body: the file, and what the command line says beside it."""
        text = _read(options.get("file"))
        body = _json(text, "file") if text.lstrip().startswith("{") else {"reads": _rows(text)}
        if options.get("scale"):
            if not options.get("codes"):
                message = "Give all codes of the scale with --codes, in their order: unused ones count as well."
                raise _refused("required", "codes", message)
            body["scale"] = {"kind": options["scale"], "codes": options["codes"].split(",")}
        for member in options["set"]:
            body.update([_pair(member)])
        if options["option"]:
            body["options"] = dict(_pair(member) for member in options["option"])
        return dict(body)

    def say(self, result: Any) -> str:
        """Return the figures with their bounds and counts, or the catalogue, for people."""
        if isinstance(result, list):
            return "\n".join(f"{row['name']:<26}{row['title']} ({row['answer']})" for row in result)
        if "parts" not in result:
            return json.dumps(result, indent=1, default=str)
        lines = [line for part in result["parts"] for line in _said(part)]
        return "\n".join([*lines, result["says"], f"Source: {result['reference']}"])


def _said(part: dict[str, Any]) -> list[str]:
    name = f"{part['part']}: " if part["part"] else ""
    if part.get("undefined"):
        return [f"{name}undefined: {part['undefined']} (n {part['n_units']})"]
    if "points" in part:
        return [f"{name}{len(part['points'])} points, signals at {part['signals'] or 'none'} ({part['method']})"]
    if "p" in part:
        return [f"{name}{_number(part['statistic'])}, p {_number(part['p'])} (n {part['n_units']}; {part['method']})"]
    bounds = f"{_number(part['low'])} to {_number(part['high'])}"
    if part["low"] is None and part["high"] is None:
        bounds = f"no bounds: {part['interval_undefined']}"
    unit = f" {part['unit']}" if part["unit"] else ""
    found = [f"{name}{_number(part['value'])}{unit} ({bounds}; n {part['n_units']}, {part['method']})"]
    return found + [f"  {warning}" for warning in part["warnings"]]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"


def _read(name: str | None) -> str:
    if name is None:
        raise _refused("required", "file", "Name the file of the reads, or - for the standard input.")
    if name == "-":
        return sys.stdin.read(LARGEST_FILE)
    path = Path(name)
    if not path.is_file():
        raise _refused("no-such-file", "file", f"There is no file {name}.")
    if path.stat().st_size > LARGEST_FILE:
        raise _refused("too-large", "file", "The file is larger than 50 MB.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("not-utf8", "file", "The file is no UTF-8 text.") from error


def _rows(text: str) -> list[dict[str, Any]]:
    try:
        return reads_of_csv(text)
    except AskError as error:
        raise _refused(error.code, "file", error.message) from error


def _pair(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    return name, _json(value, name)


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused("not-json", where, f"{where!r} is no JSON.") from error


def _refused(code: str, where: str, message: str) -> InvalidInput:
    return InvalidInput("This cannot be computed.", errors=[{"pointer": f"#/{where}", "code": code, "detail": message}])
