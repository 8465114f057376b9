import json
import logging

from config.logs import JSONLines, WithRequestId


def line_of(**extra):
    record = logging.makeLogRecord(
        {"name": "consilium", "levelname": "INFO", "msg": "done %s", "args": ("7",), **extra}
    )
    WithRequestId().filter(record)
    return json.loads(JSONLines().format(record))


def test_a_line_is_one_json_object_with_the_request_id():
    line = line_of()
    assert line["message"] == "done 7"
    assert line["request_id"] == "-"


def test_only_the_allowed_fields_pass():
    line = line_of(pk=3, kind="annotations.Case", patient="Jane Doe")
    assert (line["pk"], line["kind"]) == (3, "annotations.Case")
    assert "Jane Doe" not in json.dumps(line)
