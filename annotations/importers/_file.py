"""A file of another tool, taken whole: its bytes, its JSON, its options and the case that a path names."""

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import orjson

from annotations.importers.base import ImportProblem

MAX_BYTES = 200 * 2**20
_LONGEST_KEY = 255


def check_options(options: Mapping[str, str], known: Mapping[str, str], needed: Collection[str] = ()) -> None:
    """Refuse options that the importer does not know, and the absence of those that it needs.

    Parameters
    ----------
    options : mapping
        As they were given.
    known : mapping
        The importer's own, with what each means.
    needed : collection of str
        Names that must have a value.
    """
    for name in options:
        if name not in known:
            message = f"There is no option {name!r}; the options are: {', '.join(known) or 'none'}."
            raise ImportProblem("unknown-option", message, column=name)
    for name in needed:
        if not options.get(name):
            raise ImportProblem("missing-option", f"{name}: {known[name]}.", column=name)


def whole(stream: BinaryIO, limit: int = MAX_BYTES) -> bytes:
    """Return all bytes, or raise ImportProblem when there are none or more than ``limit``."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise ImportProblem("too-large", f"The file is larger than {limit // 2**20} MiB; split it by case.")
    if not data:
        raise ImportProblem("empty-file", "The file is empty.")
    return data


def json_of(data: bytes) -> Any:
    """Return the parsed JSON; orjson refuses NaN and bounds the depth.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    """
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        message = f"The text is not JSON from line {error.lineno}, column {error.colno} on: {error.msg}."
        raise ImportProblem("not-json", message, line=error.lineno) from error


def pairs(options: Mapping[str, str], name: str) -> dict[str, str]:
    """Return an option written ``a=b, c=d`` as a mapping; empty where it is not given."""
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in options.get(name, "").split(","))):
        left, equals, right = (piece.strip() for piece in part.partition("="))
        if not equals or not left or not right:
            message = f"The option {name!r} is written 'a=b, c=d'; {part[:40]!r} is not."
            raise ImportProblem("bad-option", message, column=name)
        if left in found:
            raise ImportProblem("bad-option", f"The option {name!r} names {left[:40]!r} twice.", column=name)
        found[left] = right
    return found


def names(options: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return an option written ``a, b, c``."""
    return tuple(filter(None, (piece.strip() for piece in options.get(name, "").split(","))))


def yes(options: Mapping[str, str], name: str) -> bool:
    """Return whether an option that takes ``yes`` or ``no`` (the default) says yes."""
    answer = options.get(name, "no").strip().lower()
    if answer not in ("yes", "no"):
        raise ImportProblem("bad-option", f"The option {name!r} is 'yes' or 'no'.", column=name)
    return answer == "yes"


def check_kind(questions: Mapping[str, str], options: Mapping[str, str], name: str, kinds: Collection[str]) -> str:
    """Return the question that an option names, empty where it is not given; refuse one of another kind."""
    code = options.get(name, "")
    if code and questions.get(code) not in kinds:
        message = f"The option {name!r} names {code[:80]!r}, which is no {' or '.join(kinds)} question of the project."
        raise ImportProblem("wrong-question", message, column=name)
    return code


def case_of(path: object, *, line: int | None = None, column: str | None = None) -> str:
    """Return the case that a file name stands for: without folders, without its last ending.

    Parameters
    ----------
    path : object
        A path or address as the file gives it; it is only read as a text, never opened.
    line, column
        Where it stands, for the refusal.
    """
    text = path.replace("\\", "/").strip() if isinstance(path, str) else ""
    case = PurePosixPath(text.partition("?")[0]).stem
    if not case or len(case) > _LONGEST_KEY or not case.isprintable():
        raise ImportProblem(
            "no-case", "The name of the image, which is the case, is missing.", line=line, column=column
        )
    return case
