"""What every command shares: parse, call one verb, print; refusals as a code on stderr."""

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from annotations.errors import DomainError, NotFound

REFUSED = 1
BAR = 24  # characters


class Refused(CommandError):
    """The verb refused; printed as ``Refused: <code>: <detail>``, exit code 1."""


def person_named(username: str) -> User:
    """Return the active person whom ``--as`` names."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"Nobody has the user name {username}.")
    return user


class VerbCommand(BaseCommand):
    """A view without a browser: subclasses write ``act``, and ``say`` for people.

    Exit 0 done, 1 refused, 2 wrong usage.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what every command understands; subclasses extend it."""
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print JSON for machines.")

    def act(self, **options: Any) -> Any:
        """Call one verb and return plain JSON values that say what happened."""
        raise NotImplementedError

    def say(self, result: Any) -> str:
        """Return the result in words."""
        if isinstance(result, dict):
            return "\n".join(f"{name}: {value}" for name, value in result.items())
        return str(result)

    def progress(self, done: int, total: int, what: str) -> None:
        """Show how far long work is, on one line, where a person looks; a log or a pipe gets nothing."""
        if not self.stderr.isatty() or not total:
            return
        share = min(done / total, 1.0)
        bar = "█" * round(share * BAR) + "░" * (BAR - round(share * BAR))
        self.stderr.write(f"\r{bar} {share:4.0%}  {done:,} of {total:,} {what}", ending="\n" if done >= total else "")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the verb and print its result or its refusal."""
        as_json = options.pop("as_json", False)
        try:
            result = self.act(**options)
        except DomainError as error:
            raise Refused(self._refusal(error, as_json), returncode=REFUSED) from error
        self.stdout.write(json.dumps(result, default=str, allow_nan=False) if as_json else self.say(result))

    def _refusal(self, error: DomainError, as_json: bool) -> str:  # noqa: FBT001 - private, and named at its only call
        if as_json:
            fields = {"code": error.code, "detail": error.detail, "data": error.data, "errors": error.errors}
            return json.dumps(fields, default=str)
        lines = [f"{error.code}: {error.detail or error.title}"]
        for fault in error.errors:
            where = ":".join(str(fault[key]) for key in ("file", "line") if fault.get(key) is not None)
            lines.append(f"  {where or fault.get('pointer', '')} {fault.get('code', '')}: {fault.get('detail', '')}")
        return "\n".join(lines)
