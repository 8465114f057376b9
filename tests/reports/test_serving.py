"""A package handed out in parts: the parts make the whole, and the register has the receiver once."""

import pytest
from django.urls import reverse

from reports.models import Delivery

# Reading a streamed answer to its end closes it, which looks at the connection.
pytestmark = pytest.mark.django_db


@pytest.fixture
def package(story, client):
    row = story.released()
    client.force_login(story.lead)
    stored = row.files.get(name__endswith=".zip")
    address = reverse("api-package", args=[story.project.slug, 1])

    def get(**headers):
        answer = client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer, body

    return stored, get


def test_parts_make_the_whole_and_the_register_has_the_receiver_once(package):
    stored, get = package
    whole, content = get()
    assert (whole.status_code, whole["Accept-Ranges"], whole["ETag"]) == (200, "bytes", f'"{stored.digest}"')
    first, head = get(range="bytes=0-999")
    rest, tail = get(range="bytes=1000-", if_range=first["ETag"])
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first["Content-Range"] == f"bytes 0-999/{stored.size}"
    assert rest["Content-Length"] == str(stored.size - 1000)
    assert head + tail == content
    # The whole and the first part were each the beginning of a download; the rest belongs to the second.
    assert Delivery.objects.count() == 2
    assert {row.digest for row in Delivery.objects.all()} == {stored.digest}


def test_whoever_begins_in_the_middle_stands_in_the_register_too(package):
    _, get = package
    get(range="bytes=5-")
    get(range="bytes=9-")
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=-10", slice(-10, None)),
        ("bytes=3-5", slice(3, 6)),
        ("bytes=-99999999", slice(None)),
        ("bytes=7-99999999", slice(7, None)),
    ],
)
def test_a_part_may_be_asked_for_from_either_end(package, asked, wanted):
    _, get = package
    _, content = get()
    part, body = get(range=asked)
    assert part.status_code == 206
    assert body == content[wanted]


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=-", "bytes=5-3", "lines=0-1", "bytes=a-b", "bytes=²-"])
def test_what_cannot_be_answered_in_part_is_answered_whole(package, asked):
    stored, get = package
    answer, body = get(range=asked)
    assert (answer.status_code, len(body)) == (200, stored.size)


def test_a_part_of_another_file_is_never_handed_out(package):
    stored, get = package
    answer, body = get(range="bytes=10-", if_range='"of another release"')
    assert (answer.status_code, len(body)) == (200, stored.size)


@pytest.mark.parametrize("asked", ["bytes={size}-", "bytes=-0"])
def test_what_lies_behind_the_end_is_refused_and_nobody_stands_in_the_register(package, asked):
    stored, get = package
    answer, _ = get(range=asked.format(size=stored.size))
    assert (answer.status_code, answer.json()["code"]) == (416, "range-not-there")
    assert answer.json()["data"] == {"size": stored.size}
    assert not Delivery.objects.exists()
