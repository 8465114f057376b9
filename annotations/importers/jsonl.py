"""Our own lines back: the reads of a package (``reads.jsonl``) and its gold labels (``gold.jsonl``).

A line is a JSON object with case, question, label and, for a read, reader and mark. Lines of a package
that do not count (``counted`` is false: superseded, withdrawn, not finished) are its history and are
passed over. A gold label has no reader, so the option names under whom it comes in.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

from annotations.importers._cells import plain_seconds
from annotations.importers._file import check_options
from annotations.importers._text import lines
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = {"reader": "Key of the reader under whom lines without one come in; needed for gold labels"}


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the answers of a file of lines; the first line is checked before this returns.

    Parameters
    ----------
    stream : binary file
        Read a line at a time.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``OPTIONS`` describes.

    Returns
    -------
    iterator
        Blank lines are passed over.
    """
    check_options(options, OPTIONS)
    texts = lines(stream)
    first = next(texts, "")
    if not first.lstrip().startswith("{"):
        raise ImportProblem("not-json-lines", "Each line is a JSON object; the first is none.", line=1)
    return _answers(first, texts, questions, options.get("reader", ""))


def _answers(
    first: str, others: Iterator[str], questions: Mapping[str, str], reader: str
) -> Iterator[Imported | ImportProblem]:
    line, text = 1, first
    while text:
        if text.strip():
            try:
                answer = _answer(text, line, questions, reader)
            except ImportProblem as problem:
                yield problem
            else:
                if answer is not None:
                    yield answer
        line, text = line + 1, next(others, "")


def _answer(text: str, line: int, questions: Mapping[str, str], reader: str) -> Imported | None:
    entry = _entry(text, line)
    if entry.get("counted") is False:
        return None
    case, question = _key(entry, "case", line), _key(entry, "question", line)
    if question not in questions:
        message = f"The project has no question {question[:80]!r}."
        raise ImportProblem("unknown-question", message, line=line, column="question")
    whose = _key(entry, "reader", line) if "reader" in entry else reader
    if not whose:
        raise ImportProblem("no-reader", "The line names no reader; name one in 'reader'.", line=line, column="reader")
    mark = entry.get("mark", entry.get("finding", ""))
    if not isinstance(mark, str):
        raise ImportProblem("bad-mark", "A mark is a text.", line=line, column="mark")
    label = entry.get("label")
    if not isinstance(label, Mapping):
        raise ImportProblem("not-an-object", "A label is a JSON object.", line=line, column="label")
    return Imported(line, case, whose, question, mark, label, plain_seconds(entry.get("seconds")))


def _entry(text: str, line: int) -> Mapping[str, Any]:
    try:
        entry = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise ImportProblem("not-json", "The line is not JSON.", line=line) from error
    if not isinstance(entry, Mapping):
        raise ImportProblem("not-an-object", "The line is no JSON object.", line=line)
    return entry


def _key(entry: Mapping[str, Any], name: str, line: int) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise ImportProblem("missing-member", f"The member {name!r} is missing.", line=line, column=name)
    return value


SPEC = Importer(title="Consilium lines (JSON Lines)", suffixes=(".jsonl",), read=read, options=OPTIONS)
