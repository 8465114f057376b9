"""Plain JSON values: the options that may be posted beside reads, and what is answered."""

import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from qc.asking.base import AskError, is_finite

# What a function may be asked for in passing; more belongs into the worker.
MOST = {"replicates": 10_000, "permutations": 99_999, "max_iterations": 1_000, "panel": 1_000, "batch": 100_000}
MOST_ELSEWHERE = 1_000_000
_SCALARS = (bool, int, float, str)


def offered(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the options of a function that have a plain JSON value, with their defaults (None where required)."""
    hints = typing.get_type_hints(function)
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and _plain(hints[name]):
            default = parameter.default
            found[name] = None if default is inspect.Parameter.empty else _listed(default)
    return found


def checked(function: Callable[..., Any], given: object) -> dict[str, Any]:
    """Return posted options, or AskError for those that the function has not or that have another type.

    Parameters
    ----------
    function : callable
        A statistic or a method.
    given : object
        A JSON object, or None for no options.
    """
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise AskError("not-an-object", "#/options", "Options are an object.")
    hints, known = typing.get_type_hints(function), offered(function)
    for name, value in given.items():
        if name not in known:
            raise AskError("unknown-option", f"#/options/{name}", f"Options here are {', '.join(known) or 'none'}.")
        if not _fits(value, hints[name]):
            raise AskError("wrong-type", f"#/options/{name}", f"{name!r} has a value of another type.")
        _check_size(name, value)
    parameters = inspect.signature(function).parameters
    lacking = [name for name in known if parameters[name].default is inspect.Parameter.empty and name not in given]
    if lacking:
        raise AskError("required", f"#/options/{lacking[0]}", f"{lacking[0]!r} must be given for this.")
    return dict(given)


def _check_size(name: str, value: object) -> None:
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        if not is_finite(number) or not -MOST_ELSEWHERE <= number <= MOST.get(name, MOST_ELSEWHERE):
            most = MOST.get(name, MOST_ELSEWHERE)
            raise AskError("out-of-range", f"#/options/{name}", f"{name!r} is a finite number up to {most}.")
    if name == "level" and not (isinstance(value, int | float) and 0 < value < 1):
        raise AskError("out-of-range", "#/options/level", "A confidence level lies between 0 and 1.")
    if name in ("replicates", "permutations", "max_iterations") and isinstance(value, int) and value < 1:
        raise AskError("out-of-range", f"#/options/{name}", f"{name!r} is at least 1.")
    if name == "seed" and isinstance(value, int) and value < 0:
        raise AskError("out-of-range", "#/options/seed", "A seed is not negative.")


def _members(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(inner for member in typing.get_args(hint) for inner in _members(member))
    return (hint,)


def _plain(hint: Any) -> bool:
    return any(_is_plain(member) for member in _members(hint) if member is not type(None))


def _is_plain(member: Any) -> bool:
    if member in _SCALARS:
        return True
    origin = typing.get_origin(member)
    arguments = typing.get_args(member)
    if origin in (Sequence, tuple, list):
        return all(argument in (*_SCALARS, Ellipsis) for argument in arguments)
    return origin is Mapping and all(argument in _SCALARS for argument in arguments)


def _fits(value: object, hint: Any) -> bool:
    return any(_is(value, member) for member in _members(hint))


def _is(value: object, member: Any) -> bool:
    if member is type(None):
        return value is None
    if member is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if member is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if member in (bool, str):
        return isinstance(value, member)
    if not _is_plain(member):
        return False
    arguments = [argument for argument in typing.get_args(member) if argument is not Ellipsis]
    if typing.get_origin(member) is Mapping:
        return isinstance(value, Mapping) and all(
            _is(key, arguments[0]) and _is(item, arguments[1]) for key, item in value.items()
        )
    return isinstance(value, list) and all(_is(item, arguments[0]) for item in value)


def _listed(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def plain(value: Any) -> Any:
    """Return JSON values for what was found; None for a number that is not finite, which JSON has not."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if hasattr(value, "as_dict"):
        return plain(value.as_dict())
    return value
