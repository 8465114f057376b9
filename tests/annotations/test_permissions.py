from string import ascii_uppercase

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st

from annotations import permissions
from annotations.errors import Forbidden, NotFound
from annotations.models import Case, Project, Role
from tests.factories import study
from tests.personas import ADA, CODES

CODE = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)


def test_every_action_names_known_roles_only():
    assert all(roles <= set(Role.values) for roles in permissions.ALLOWED.values())
    assert all(action in permissions.ALLOWED for action in permissions.ADMINISTRATOR)
    # Who may settle may not read labels under names, and nobody settles and leads at once.
    assert not permissions.ALLOWED["dispute.settle"] & permissions.ALLOWED["annotation.read"]


def test_who_may_not_know_a_project_does_not_learn_that_it_exists(cast):
    project = study(cast.mira, {CODES[ADA]: cast.ada})
    for stranger in (cast.oz, AnonymousUser()):
        with pytest.raises(NotFound):
            permissions.project_for(stranger, project.slug)
        with pytest.raises(NotFound):
            permissions.require(stranger, project, "report.read")
    with pytest.raises(Forbidden):
        permissions.project_for(cast.ada, project.slug, "report.read")
    assert permissions.project_for(cast.root, project.slug, "project.manage") == project
    with pytest.raises(Forbidden):
        permissions.project_for(cast.root, project.slug, "annotation.read")


@given(st.sets(CODE, min_size=1, max_size=30))
def test_letters_are_a_permutation_of_the_readers(codes):
    given = permissions.letters(Project(secret="k"), Case(), 1, codes)
    assert set(given) == codes
    assert sorted(given.values(), key=lambda letter: (len(letter), letter)) == [
        permissions.letter_at(place) for place in range(len(codes))
    ]


def test_letters_depend_on_secret_case_and_round_and_not_on_the_order_of_asking():
    case, codes = Case(), [f"r{n}" for n in range(12)]
    letters = permissions.letters(Project(secret="k"), case, 1, codes)
    assert permissions.letters(Project(secret="k"), case, 1, reversed(codes)) == letters
    assert permissions.letters(Project(secret="l"), case, 1, codes) != letters
    assert permissions.letters(Project(secret="k"), case, 2, codes) != letters
    assert permissions.letters(Project(secret="k"), Case(), 1, codes) != letters


def test_the_alphabet_goes_on_after_z():
    assert [permissions.letter_at(place) for place in range(26)] == list(ascii_uppercase)
    assert [permissions.letter_at(place) for place in (26, 27, 51, 52, 701, 702)] == [
        "AA",
        "AB",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


def test_each_letter_falls_on_each_reader_equally_often():
    project, codes = Project(secret="k"), ["a", "b", "c"]
    counts = dict.fromkeys(codes, 0)
    for _ in range(3000):
        letters = permissions.letters(project, Case(), 1, codes)
        counts[min(letters, key=letters.get)] += 1
    # 1,000 expected; five standard deviations are 129.
    assert all(abs(count - 1000) < 130 for count in counts.values()), counts
