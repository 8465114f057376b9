"""The five people of the demo, one a role; their passwords are drawn, returned once and kept only as hashes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import Permission, User
from django.db import transaction

from annotations.models import Role


@dataclass(frozen=True, slots=True)
class Person:
    """One user of the demo.

    Parameters
    ----------
    username, first_name, last_name : str
        As the page shows them.
    role : str or None
        Role in every example project; None for the administrator, who sees no label without a membership.
    does : str
        What this person is for, in the words of the command.
    """

    username: str
    first_name: str
    last_name: str
    role: str | None
    does: str


LEAD = "lead"
OPENS_PROJECTS = "add_project"
PEOPLE = (
    Person("admin", "Ada", "Holm", None, "administrator: runs the instance, sees no label"),
    Person(LEAD, "Mira", "Lind", Role.QA_LEAD, "QA lead: agreement, protocol, releases"),
    Person("reader", "Ben", "Okafor", Role.ANNOTATOR, "annotator: own cases only"),
    Person("physician", "Dr Chen", "Wu", Role.ADJUDICATOR, "adjudicator: settles disputes, blind"),
    Person("vendor", "Vera", "Santos", Role.VENDOR, "vendor: downloads releases"),
)


@transaction.atomic
def create_people() -> Mapping[str, str]:
    """Create the people who are not there yet; returns the new passwords by user name."""
    there = set(User.objects.filter(username__in=[p.username for p in PEOPLE]).values_list("username", flat=True))
    made: dict[str, str] = {}
    for person in PEOPLE:
        if person.username in there:
            continue
        made[person.username] = new_password()
        user = User.objects.create_user(
            person.username,
            password=made[person.username],
            first_name=person.first_name,
            last_name=person.last_name,
            is_superuser=person.role is None,
        )
        if person.username == LEAD:
            user.user_permissions.add(Permission.objects.get(codename=OPENS_PROJECTS))
    return made


@transaction.atomic
def renew_passwords() -> Mapping[str, str]:
    """Give everybody of the demo a new password, which ends their sessions; returns them by user name."""
    made: dict[str, str] = {}
    for user in User.objects.filter(username__in=[p.username for p in PEOPLE]):
        made[user.username] = new_password()
        user.set_password(made[user.username])
        user.save(update_fields=["password"])
    return made


def new_password() -> str:
    """Return 96 random bits as text."""
    return secrets.token_urlsafe(12)
