"""The list of codes that a category or grade question offers."""

from collections.abc import Mapping
from typing import Any

from annotations.labels.base import LabelError, pointer

MAX_CODE = 64
MAX_TITLE = 500


def check_codes(definition: Mapping[str, Any], member: str) -> None:
    """Refuse a definition whose list of codes cannot be answered with.

    Parameters
    ----------
    definition : mapping
        The question's definition.
    member : str
        Name of the list: ``codes`` or ``levels``; each entry is ``{"code": …, "title": …}``.
    """
    entries = definition.get(member)
    if not isinstance(entries, list | tuple) or not entries:
        raise LabelError("no-codes", pointer(member), f"The definition needs a list {member!r} of at least one entry.")
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        at = pointer(member, index)
        if not isinstance(entry, Mapping):
            raise LabelError("not-an-object", at, "An entry is an object with a code and a title.")
        code = entry.get("code")
        if not isinstance(code, str) or not _usable(code, MAX_CODE):
            message = f"A code is a printable text of 1 to {MAX_CODE} characters without spaces at its ends."
            raise LabelError("bad-code", at + "/code", message)
        if not _usable(entry.get("title", code), MAX_TITLE):
            raise LabelError("bad-title", at + "/title", f"A title is a printable text of 1 to {MAX_TITLE} characters.")
        if code in seen:
            raise LabelError("duplicate-code", at + "/code", f"The code {code!r} is listed twice.")
        seen.add(code)


def codes(definition: Mapping[str, Any], member: str) -> tuple[str, ...]:
    """Return the codes of a checked definition in the order in which they are listed."""
    return tuple(entry["code"] for entry in definition[member])


def titles(definition: Mapping[str, Any]) -> dict[str, str]:
    """Return the title of each code or level of a question; the code itself where none is given.

    Parameters
    ----------
    definition : mapping
        The question's, with ``codes``, ``levels`` or ``points``; a question with none of them has no titles.
    """
    entries = definition.get("codes") or definition.get("levels") or definition.get("points") or ()
    return {str(entry["code"]): str(entry.get("title") or entry["code"]) for entry in entries}


def shown(known: tuple[str, ...]) -> str:
    """Return the codes for a message, the first twelve of a long list."""
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return ", ".join(known[:12]) + more


def _usable(text: object, longest: int) -> bool:
    return isinstance(text, str) and 1 <= len(text) <= longest and text.isprintable() and text == text.strip()
