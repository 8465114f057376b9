"""``manage.py catalogue``: the catalogues as pages for people, one line an entry; a test keeps them current."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from annotations.management.base import VerbCommand
from qc.asking import ask, settle
from qc.registry import METHODS, PLANS

HEAD = "This page is made by `manage.py catalogue docs/statistics` from the code; a test keeps it current.\n"
TITLES = {ask.AGREEMENT: "Agreement", ask.READERS: "About readers"}


class Command(VerbCommand):
    """Write one page for each catalogue."""

    help = "Write the catalogues of statistics, methods and plans as Markdown pages into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the folder."""
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path)

    def act(self, **options: Any) -> Any:
        """Write the pages and return their names."""
        made = pages()
        for name, text in made.items():
            (options["folder"] / name).write_text(text, encoding="utf-8")
        return {"pages": sorted(made)}


def pages() -> dict[str, str]:
    """Return the pages by file name."""
    return {
        **{f"{family}.md": _statistics(family) for family in TITLES},
        "consensus.md": _methods(),
        "plans.md": _plans(),
    }


def _statistics(family: str) -> str:
    lines = [
        f"# {TITLES[family]}",
        "",
        HEAD,
        "Post reads to `/api/v1/statistics/NAME`, or `manage.py statistic NAME FILE`.",
    ]
    for name, entry in ask.catalogue()[family].items():
        shown = ask.described(family, name, entry)
        facts = ", ".join(f"`{fact}`" for fact in shown["facts"]) or "nothing else"
        options = ", ".join(f"`{key}` ({value})" for key, value in shown["options"].items())
        lines += ["", f"## {entry.title}", "", f"`{shown['name']}` · {', '.join(shown['scales']) or 'any scale'}"]
        lines += ["", entry.says, "", f"- An answer is {shown['answer']}; beside the reads: {facts}."]
        lines += [f"- Options: {options or 'none'}.", f"- Source: {entry.reference}."]
    return "\n".join(lines) + "\n"


def _methods() -> str:
    lines = [
        "# Consensus methods",
        "",
        HEAD,
        "Post reads to `/api/v1/methods/NAME`, or `manage.py statistic NAME FILE`.",
    ]
    for name, method in METHODS.items():
        shown = settle.described(name, method)
        options = ", ".join(f"`{key}` ({value})" for key, value in shown["options"].items())
        scope = "each unit from its own reads" if method.scope == "case" else "all units of a question together"
        lines += ["", f"## {method.title}", "", f"`{name}` · takes {method.takes} · {scope}", ""]
        lines += [f"- Options: {options or 'none'}.", f"- Source: {method.reference}."]
    return "\n".join(lines) + "\n"


def _plans() -> str:
    lines = ["# Plans", "", HEAD, "Post parameters to `/api/v1/plans/NAME`, or `manage.py plan NAME`."]
    for name, plan in PLANS.items():
        needs = ", ".join(f"`{one.name}`" for one in plan.parameters)
        lines += ["", f"## {plan.title}", "", f"`{name}`", "", plan.says, "", f"- Parameters: {needs}."]
        lines += [f"- Source: {plan.reference}."]
    return "\n".join(lines) + "\n"
