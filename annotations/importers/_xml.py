"""XML of unknown honesty: no document types, no entities, a bounded depth; an element at a time."""

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from annotations.importers.base import ImportProblem

MAX_DEPTH = 64


def elements(data: bytes, depth: int) -> Iterator[Element]:
    """Yield the finished elements that stand ``depth`` levels below the root, the root itself for 0.

    An element is emptied once the next is asked for, so memory holds one at a time.

    Parameters
    ----------
    data : bytes
        The document.
    depth : int
        0 for the root, 1 for its children.
    """
    level = -1
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                level += 1
                _check(level)
                continue
            if level == depth:
                yield element
                element.clear()
            level -= 1
    except ImportProblem:
        raise
    except ParseError as error:
        line, column = error.position
        message = f"The text is not XML from line {line}, column {column} on: {error}."
        raise ImportProblem("not-xml", message, line=line) from error
    except DefusedXmlException as error:
        message = "The document declares a document type or entities; such files are not read."
        raise ImportProblem("forbidden-xml", message) from error
    except (ValueError, LookupError) as error:
        raise ImportProblem("not-xml", "The document's encoding is not known or not kept.") from error


def root_of(data: bytes, tag: str, what: str) -> Element:
    """Return the root of a small document, or raise ImportProblem when it bears another name.

    Parameters
    ----------
    data : bytes
        The document.
    tag : str
        Name that the root must have.
    what : str
        The format, for the refusal.
    """
    for root in elements(data, 0):
        if root.tag != tag:
            raise ImportProblem("wrong-format", f"The document is {root.tag[:40]!r}; {what} begins with {tag!r}.")
        return root
    raise ImportProblem("not-xml", "The document has no element.")


def text_of(element: Element, path: str) -> str:
    """Return the text of a descendant without spaces at its ends; empty where there is none."""
    return (element.findtext(path) or "").strip()


def number_of(text: str | None, what: str, line: int) -> float:
    """Return a written number, or raise ImportProblem; NaN and infinity are refused when the label is parsed."""
    try:
        return float(text or "")
    except ValueError:
        message = f"{what}: {(text or '')[:40]!r} is not a number."
        raise ImportProblem("not-a-number", message, line=line, column=what) from None


def size_of(text: str | None) -> int | None:
    """Return a written number of pixels, None where it is missing or none."""
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= 9 else None


def _check(level: int) -> None:
    if level > MAX_DEPTH:
        raise ImportProblem("too-deep", f"The document nests elements deeper than {MAX_DEPTH} levels.")
