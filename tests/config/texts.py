"""The texts that the translated pages mark: read from their templates as Django parses them, and from the forms."""

import ast
import re
from pathlib import Path

from django.template import engines
from django.template.loader_tags import ExtendsNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = (
    "base.html",
    "components/_top.html",
    "components/_pager.html",
    "components/_foot.html",
    "accounts/sign_in.html",
    "accounts/second_step.html",
    "accounts/account.html",
    "annotations/worklist.html",
    "annotations/reading.html",
    "annotations/_question.html",
    "qc/queue.html",
    "qc/_queue_rows.html",
    "qc/case.html",
)
# What an include hands on.
HANDED_ON = re.compile(r'=_\("([^"]+)"\)')
FORMS = ("accounts/forms.py",)
# What a template translates by a variable.
NAMED = (
    "cases", "disputes", "Administrator", "QA lead", "Annotator", "Adjudicator", "Vendor",
)  # fmt: skip


def marked():
    """Return every marked text; one that counts as a pair of singular and plural."""
    found = set(NAMED)
    for name in TEMPLATES:
        template = engines["django"].get_template(name).template
        found |= set(texts(template.nodelist)) | set(HANDED_ON.findall(template.source))
    for name in FORMS:
        found |= set(calls(ast.parse((ROOT / name).read_text())))
    return found


def texts(nodes):
    for node in nodes:
        if isinstance(node, TranslateNode) and isinstance(node.filter_expression.var, str):
            yield node.filter_expression.var
        elif isinstance(node, TranslateNode) and node.filter_expression.var.literal is not None:
            yield node.filter_expression.var.literal
        elif isinstance(node, BlockTranslateNode):
            singular = node.render_token_list(node.singular)[0]
            yield (singular, node.render_token_list(node.plural)[0]) if node.plural else singular
        lists = ("nodelist", "nodelist_true", "nodelist_false", "nodelist_loop", "nodelist_empty")
        for inner in () if isinstance(node, ExtendsNode) else lists:
            yield from texts(getattr(node, inner, ()) or ())
        if isinstance(node, ExtendsNode):
            yield from texts(node.nodelist)
        for _, inner in getattr(node, "conditions_nodelists", ()):
            yield from texts(inner)


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            words = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if node.func.id in {"_", "_now"}:
                yield words[0]
            elif node.func.id == "ngettext":
                yield (words[0], words[1])
