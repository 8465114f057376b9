"""The page on protocols names every protocol and rule, and its example can be adopted."""

import json
import re
from pathlib import Path

from qc.protocols import _document
from qc.registry import PROTOCOLS, RULES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "protocols.md").read_text()


def test_every_protocol_and_rule_is_on_the_page():
    for name in (*PROTOCOLS, *RULES):
        assert f"`{name}`" in PAGE, name


def test_each_example_is_a_document():
    for example in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        document = json.loads(example)
        PROTOCOLS[document["protocol"]].check(document)
        for policy in document["questions"].values():
            for rule, limits in policy["rules"].items():
                RULES[rule].check_policy(limits)


def test_every_member_is_explained():

    for name in (*_document._MEMBERS, *_document._QUESTION_MEMBERS, *_document._PANEL_MEMBERS):
        if name not in ("protocol", "questions", "seats"):
            assert f"`{name}`" in PAGE, name
