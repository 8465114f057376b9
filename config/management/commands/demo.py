"""``manage.py demo``: example projects made from real data, then the whole service."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import preparation
from config.demo import brain, brain_study, lidc_study, reading_study
from config.demo.distributions import DataMissing, data_file
from config.demo.opening import is_complete, open_study, timed
from config.demo.people import PEOPLE, create_people, renew_passwords
from config.demo.study import Study
from config.management.commands.serve import address_of, require_free

Build = Callable[[Path], Study]

# Name on the command line: slug, distribution, file in it, how a study is made of it. The smallest comes first.
STUDIES: Mapping[str, tuple[str, str, str, Build]] = {
    "reading": (reading_study.SLUG, brain.DISTRIBUTION, brain.TEMPLATE, reading_study.build),
    "brain": (brain_study.SLUG, brain.DISTRIBUTION, brain.TEMPLATE, brain_study.build),
    "lidc": (lidc_study.SLUG, lidc_study.DISTRIBUTION, lidc_study.DATABASE, lidc_study.build),
}


class Command(BaseCommand):
    """Create users and projects where they are absent, then serve."""

    help = "Set up the example projects with five users, then run the web server and the worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add which projects to open and whether to serve."""
        parser.add_argument("--port", type=int, help="Port; the address stays that of CONSILIUM_LISTEN.")
        parser.add_argument("--only", choices=sorted(STUDIES), help="Open one of the example projects.")
        parser.add_argument("--no-serve", action="store_true", help="Stop when everything is handed to the worker.")
        parser.add_argument("--new-passwords", action="store_true", help="Give the five users new passwords.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse production; prepare, open what is missing, and hand over to ``serve``."""
        if settings.PRODUCTION:
            raise CommandError("The demo has known user names and example data; it does not run in production.")
        if not options["no_serve"]:
            # Asked here too: nobody should wait for the projects to learn that the port is taken.
            require_free(*address_of(options["port"]))
        with preparation.take_lock():
            preparation.prepare(self._say)
            self._people(wants_new=options["new_passwords"])
            for name in [options["only"]] if options["only"] else STUDIES:
                self._open(name)
        if options["no_serve"]:
            self._say("Ready. Next: python manage.py serve")
            return
        self._say("The worker now reads the files and compares the readers; each project's page shows how far it is.")
        call_command("serve", port=options["port"])

    def _people(self, *, wants_new: bool) -> None:
        made = create_people()
        if wants_new:
            made = {**renew_passwords(), **made}
        if not made:
            self._say("Users exist; their passwords were printed at the first start.")
            self._say("  New ones: python manage.py demo --new-passwords")
            return
        self._say("Users of this local demo. The passwords are shown once, here:")
        for person in PEOPLE:
            if person.username in made:
                self._say(f"  {person.username:<10} {made[person.username]}   {person.does}")

    def _open(self, name: str) -> None:
        slug, distribution, relative, build = STUDIES[name]
        if is_complete(slug):
            self._say(f"Project {slug} is there; nothing is changed.")
            return
        self._say(f"Opening project {slug} from {Path(relative).name} of the package {distribution} …")
        try:
            path = data_file(distribution, relative)
        except DataMissing as error:
            raise CommandError(str(error)) from error
        with timed(self._say) as done:
            study = build(path)
            done("converted: " + "; ".join(study.notes))
        open_study(study, self._say)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
