"""``manage.py plan``: what to know before the first case is read."""

from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction
from typing import Any

from annotations.management.base import VerbCommand
from qc.api_plans import answer_of
from qc.planning.base import COUNT, FLAG, NUMBERS, Parameter, StudyPlan
from qc.registry import PLANS


class Command(VerbCommand):
    """Answer one question of planning, with its source; without a name, list the questions."""

    help = "Plan a study: sample sizes, readers, control cases. Without a plan's name, list the plans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add a sub-command for each plan, its parameters as options."""
        super().add_arguments(parser)
        plans = parser.add_subparsers(dest="plan", metavar="plan", title="plans")
        for name, plan in PLANS.items():
            text = plan.title.replace("%", "%%")
            description = f"{plan.says} Source: {plan.reference}".replace("%", "%%")
            one = plans.add_parser(dashed(name), help=text, description=description)
            # Given after the plan's name it counts as well, and does not undo the one before it.
            one.add_argument("--json", action="store_true", dest="as_json", default=SUPPRESS)
            for parameter in plan.parameters:
                add_option(one, parameter)

    def act(self, **options: Any) -> Any:
        """Answer the plan that was named, or list all."""
        if not options.get("plan"):
            return [{"plan": dashed(name), "title": plan.title, "needs": needs(plan)} for name, plan in PLANS.items()]
        name = options["plan"].replace("-", "_")
        values = {parameter.name: options.get(parameter.name) for parameter in PLANS[name].parameters}
        return answer_of(name, {key: value for key, value in values.items() if value is not None})

    def say(self, result: Any) -> str:
        """Return the answer, what follows from it and the source in words."""
        if isinstance(result, list):
            return "\n".join(f"{row['plan']:<24}{row['title']} ({row['needs']})" for row in result)
        lines = [result["says"]]
        if result["undefined"]:
            lines.append(f"No answer: {result['undefined']}")
        lines += [f"{name}: {shown(value)}" for name, value in result["details"].items()]
        return "\n".join([*lines, *result["warnings"], f"Source: {result['reference']}"])


def dashed(name: str) -> str:
    """Return a name as people write it on a command line."""
    return name.replace("_", "-")


def needs(plan: StudyPlan) -> str:
    """Return in words what must be given."""
    return ", ".join(f"--{dashed(one.name)}" for one in plan.parameters if one.is_required) or "nothing"


def shown(value: Any) -> str:
    """Return a number, or a list of numbers, for people."""
    if isinstance(value, list | tuple):
        return " ".join(shown(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def add_option(parser: ArgumentParser, parameter: Parameter) -> None:
    """Add the option of one parameter."""
    known = "" if parameter.is_required else f" (default {shown(parameter.default)})"
    text = f"{parameter.says}{known}".replace("%", "%%")
    option = f"--{dashed(parameter.name)}"
    if parameter.kind == FLAG:
        parser.add_argument(option, action=BooleanOptionalAction, default=None, help=text)
    elif parameter.kind == NUMBERS:
        parser.add_argument(option, type=float, nargs="+", metavar="X", required=parameter.is_required, help=text)
    else:
        kind = int if parameter.kind == COUNT else float
        parser.add_argument(option, type=kind, metavar="X", required=parameter.is_required, help=text)
