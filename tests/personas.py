"""The people of the suite: one of each role, one who has none, one who runs the instance, and nobody."""

from dataclasses import dataclass

from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from tests.factories import person

MIRA, ADA, BEN, CHEN, VERA, OZ, ROOT, NOBODY = "mira", "ada", "ben", "chen", "vera", "oz", "root", "nobody"
PEOPLE = (MIRA, ADA, BEN, CHEN, VERA, OZ, ROOT, NOBODY)
NAMES = {
    MIRA: "Mira Lindqvist",
    ADA: "Ada Okafor",
    BEN: "Ben Castellano",
    CHEN: "Chen Weiming",
    VERA: "Vera Dubois",
    OZ: "Oz Hartmann",
    ROOT: "Root Andersson",
}
# Reader codes, chosen so that a leak is found by a plain search.
CODES = {ADA: "reader-aquila", BEN: "reader-borealis"}


@dataclass(frozen=True)
class Cast:
    """Everybody, by short name."""

    users: dict[str, User]

    def __getattr__(self, name: str) -> User:
        """Return a person: ``cast.mira``."""
        if name not in NAMES:
            raise AttributeError(name)
        return self.users[name]

    def again(self) -> "Cast":
        """Return everybody as the database knows them now; for a cast that stands for several tests."""
        return Cast({name: User.objects.get(pk=user.pk) for name, user in self.users.items()})

    def client(self, name: str) -> APIClient:
        """Return a client that is signed in as this person; nobody is not signed in."""
        client = APIClient()
        if name != NOBODY:
            client.force_login(self.users[name])
        return client


def assemble() -> Cast:
    """Create everybody; Mira may open projects."""
    users = {name: person(name, full_name=full_name, is_superuser=name == ROOT) for name, full_name in NAMES.items()}
    users[MIRA].user_permissions.add(Permission.objects.get(codename="add_project"))
    return Cast(users)
