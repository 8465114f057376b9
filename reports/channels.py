"""Verbs: where a project's alerts are sent, and the sending. What holds is told once, for as long as it holds.

A message says which rule speaks and where to look, never a name, a code or a case: what is behind it is for those who
sign in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from annotations import audit, due, locking
from annotations.due import Claim
from annotations.errors import Conflict, InvalidInput, NotFound
from annotations.models import Project
from annotations.permissions import require
from qc.selectors import newest_run
from reports import posting
from reports.errors import NotSent
from reports.models import Channel, ChannelKind, GoldRelease, Message, ReleaseNotice
from reports.outlook import alerts_now, finish_of

# How long a look holds; an alert that comes and goes in between is not told.
PERIOD = timedelta(minutes=15)
MOST_CHANNELS = 50
TEST = "test"
RULES = {
    "dispute-waits": "Disputes wait too long",
    "nobody-reads": "Nobody reads",
    "low-agreement": "Readers agree too little on a question",
    "reader-fails": "A reader fails a requirement",
    "reader-drifts": "A reader's errors come in a run",
    "release": "A release was frozen",
    "notice": "An erratum or a withdrawal was given",
}


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell: its rule, what makes it that very one, and where to look."""

    code: str
    key: str
    title: str
    href: str

    def form(self) -> dict[str, str]:
        """Return what is sent of it."""
        return {"code": self.code, "title": self.title, "url": f"{settings.ADDRESS}{self.href}"}


@transaction.atomic
def open_channel(*, actor: User, project: Project, kind: str, address: str, rules: Sequence[str] = ()) -> Channel:
    """Open a channel; releases that are there already are not told again, alerts that hold now are."""
    require(actor, project, "project.manage")
    check(kind, address, rules)
    locking.lock(Project.objects.filter(pk=project.pk)).get()
    there = project.channels.filter(closed_at__isnull=True)
    if there.filter(address=address).exists():
        raise Conflict("This address has a channel already.")
    if there.count() >= MOST_CHANNELS:
        raise Conflict(f"A project has at most {MOST_CHANNELS} channels.")
    now = locking.now()
    row = Channel.objects.create(
        project=project, kind=kind, address=address, rules=sorted(set(rules)), made_by=actor, made_at=now, due_at=now,
        told=[one.key for one in released(project)],
    )  # fmt: skip
    # The address stays out of the record: it may be a person's.
    body = {"channel": str(row.public_id), "kind": kind}
    audit.record(project=project, actor=actor, action="channel.opened", body=body)
    return row


def check(kind: str, address: str, rules: Sequence[str]) -> None:
    """Refuse a channel that could never tell anything."""
    if kind not in ChannelKind.values:
        raise InvalidInput.at("kind", "unknown-kind", f"A channel is one of {', '.join(ChannelKind.values)}.")
    unknown = sorted(set(rules) - RULES.keys())
    if unknown:
        raise InvalidInput.at("rules", "unknown-rule", f"{unknown[0][:40]} is none of {', '.join(RULES)}.")
    try:
        if kind == ChannelKind.MAIL:
            validate_email(address)
        else:
            posting.checked(address)
    except (ValidationError, NotSent) as error:
        detail = error.detail if isinstance(error, NotSent) else "This is no e-mail address."
        raise InvalidInput.at("address", "bad-address", detail) from error


@transaction.atomic
def close_channel(*, actor: User, channel: Channel) -> None:
    """Close a channel; what it told stays on record."""
    require(actor, channel.project, "project.manage")
    closed = {"closed_at": locking.now(), "due_at": None, "claim": "", "claimed_until": None}
    if not Channel.objects.filter(pk=channel.pk, closed_at__isnull=True).update(**closed):
        raise Conflict("The channel is closed already.")
    body = {"channel": str(channel.public_id)}
    audit.record(project=channel.project, actor=actor, action="channel.closed", body=body)


def channel_of(project: Project, public_id: object) -> Channel:
    """Return an open channel of a project."""
    row = project.channels.filter(closed_at__isnull=True, public_id=str(public_id)).first()
    if row is None:
        raise NotFound("There is no such channel.")
    return row


def send_test(*, actor: User, channel: Channel) -> Message:
    """Send a message that says that it is a test, now; the answer tells whether it was taken."""
    require(actor, channel.project, "project.manage")
    news = News(TEST, TEST, "This is a test; nothing has happened", reverse("overview", args=[channel.project.slug]))
    return send(channel, [news])


def tell(*, channel: Channel, claim: Claim) -> None:
    """Send what is new since the last look, and look again after a while."""
    holds = [one for one in news_of(channel.project) if not channel.rules or one.code in channel.rules]
    fresh = [one for one in holds if one.key not in channel.told]
    taken = not fresh or not send(channel, fresh).fault
    with transaction.atomic():
        if taken:
            Channel.objects.filter(pk=channel.pk).update(told=[one.key for one in holds])
        due.finish(claim, again_at=None if channel.closed_at else locking.now() + PERIOD)


def send(channel: Channel, news: Sequence[News]) -> Message:
    """Send a message and keep what became of it."""
    fault = ""
    try:
        if channel.kind == ChannelKind.MAIL:
            posting.mail(channel.address, subject_of(channel, news), text_of(channel, news))
        else:
            body = {"project": channel.project.slug, "channel": str(channel.public_id)}
            posting.post(channel.address, {**body, "events": [one.form() for one in news]})
    except NotSent as error:
        fault = error.detail[:200]
    codes = [one.code for one in news]
    return Message.objects.create(channel=channel, sent_at=locking.now(), codes=codes, fault=fault)


def subject_of(channel: Channel, news: Sequence[News]) -> str:
    """Return one line; a name of a project cannot add a header."""
    more = f" and {len(news) - 1} more" if len(news) > 1 else ""
    return " ".join(f"{channel.project.name}: {news[0].title}{more}".split())[:200]


def text_of(channel: Channel, news: Sequence[News]) -> str:
    """Return the text of a mail."""
    # Three questions of one rule are one line: which they are is not said here.
    lines = dict.fromkeys(f"{one.title}\n{one.form()['url']}" for one in news)
    where = f"{settings.ADDRESS}{reverse('channels', args=[channel.project.slug])}"
    return (
        "\n\n".join([*lines, f"You get this because a QA lead of {channel.project.name} asked for it: {where}"]) + "\n"
    )


def news_of(project: Project) -> list[News]:
    """Return everything that holds now."""
    return [*alerts(project), *released(project)]


def alerts(project: Project) -> Iterator[News]:
    """Yield the rules that hold; an alert of a question or a reader is told by itself, though not by its name."""
    run = newest_run(project)
    for one in alerts_now(project, run, finish_of(project)):
        yield News(one.code, f"{one.code}:{one.title}", RULES[one.code], reverse("outlook", args=[project.slug]))


def released(project: Project) -> Iterator[News]:
    """Yield the releases and the words about them."""
    where = reverse("releases", args=[project.slug])
    for number, digest in (
        GoldRelease.objects.filter(project=project).order_by("number").values_list("number", "digest")
    ):
        yield News("release", f"release:{digest}", f"Release {number} was frozen", where)
    notices = ReleaseNotice.objects.filter(release__project=project).select_related("release").order_by("pk")
    for one in notices:
        title = f"{one.get_kind_display()} of release {one.release.number}"
        yield News("notice", f"notice:{one.pk}", title, where)
