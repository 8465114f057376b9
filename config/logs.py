"""Log lines that carry the request id; ids and codes only, never names, labels or file content."""

import logging

import orjson

from config.requests import request_id

FIELDS = ("kind", "pk", "attempt", "route", "status", "ms", "user_id", "code")


class WithRequestId(logging.Filter):
    """Adds the id of the request being answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its request id."""
        record.request_id = request_id()
        return True


class JSONLines(logging.Formatter):
    """One JSON object a line, with the allowed extra fields only."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()
