"""``manage.py second_factor reset NAME --as ADMIN``: for a lost device where no page can be reached."""

from argparse import ArgumentParser
from typing import Any

from accounts import second_factor
from annotations.management.base import VerbCommand, person_named


class Command(VerbCommand):
    """Take a person's second factor away; it is written down."""

    help = "Reset the second factor of an account whose device is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add whose it is and who does it."""
        super().add_arguments(parser)
        parser.add_argument("what", choices=["reset"])
        parser.add_argument("username", help="Whose device is lost.")
        parser.add_argument("--as", dest="actor", required=True, help="User name of the administrator.")

    def act(self, **options: Any) -> dict[str, str]:
        """Take it away."""
        actor, person = person_named(options["actor"]), person_named(options["username"])
        second_factor.take_away(actor=actor, user=person)
        return {"reset": person.get_username()}
