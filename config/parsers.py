"""Reads JSON bodies strictly: no NaN, no Infinity, no endless nesting."""

from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class StrictJSON(BaseParser):
    """JSON as RFC 8259 has it; what Python's own parser adds is refused."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the parsed body, or raise ParseError."""
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"Malformed JSON: {error}") from error
