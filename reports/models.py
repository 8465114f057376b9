"""What we publish: frozen releases and their records."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.due import DueRow, due_index
from annotations.models import Project
from qc.models import ProtocolVersion


class GoldRelease(DueRow):
    """A frozen set of settled labels; superseded or withdrawn, never changed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    version = models.CharField(
        max_length=20, blank=True, help_text="Semantic version; empty for the earliest releases."
    )
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="releases")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    note = models.TextField(blank=True)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="Of the canonical records; the same content, the same digest.")
    ledger = models.JSONField(help_text="Counts of the seven dispositions, closing to N.")
    facts = models.JSONField(default=dict, help_text="Everything of the package that stands in no record.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_release_a_number"),
            models.UniqueConstraint(fields=["project", "digest"], name="one_release_a_content"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="release_due")]

    def __str__(self) -> str:
        """Return project and number."""
        return f"{self.project} release {self.number}"


class ReleaseOrder(DueRow):
    """Somebody asked for a release; the worker freezes it, or the order closes with the reason why not.

    A release is written whole in the transaction that closes its order, so that nothing half-made ever exists.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="release_orders")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    wanted = models.JSONField(default=dict, help_text="Note, splits and whatever else it was asked for with.")
    n_steps = models.PositiveSmallIntegerField(default=0, help_text="Steps done by the worker that has it.")
    closed_at = models.DateTimeField(null=True, blank=True)
    release = models.OneToOneField(GoldRelease, models.PROTECT, null=True, blank=True, related_name="order")
    refusal = models.JSONField(default=dict, help_text="Why it cannot be: code, title, detail, errors.")
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(closed_at__isnull=True), name="one_open_order_a_project"
            )
        ]
        indexes = [due_index("release_order_due")]

    def __str__(self) -> str:
        """Return the project and the moment."""
        return f"{self.project}, asked for {self.asked_at:%Y-%m-%d %H:%M}"


class GoldRecord(models.Model):
    """One unit of a release: the label, where it came from, and who disagreed."""

    release = models.ForeignKey(GoldRelease, models.PROTECT, related_name="records")
    case = models.CharField(max_length=120)
    subject = models.CharField(max_length=120)
    question = models.CharField(max_length=40)
    finding = models.CharField(max_length=16, blank=True)
    disposition = models.CharField(max_length=16)
    record = models.JSONField(help_text="The whole line of gold.jsonl.")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "case", "question", "finding"], name="one_record_a_unit")
        ]

    def __str__(self) -> str:
        """Return the unit."""
        return f"{self.case} · {self.question} {self.finding}"


class ReleaseFile(models.Model):
    """One file of a release's package, stored under its digest."""

    release = models.ForeignKey(GoldRelease, models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "name"], name="one_file_a_name")]

    def __str__(self) -> str:
        """Return the name within the package."""
        return self.name


class ReleaseSignature(models.Model):
    """A person's signature under a release: the one who froze it, and whoever else the protocol asks for."""

    release = models.ForeignKey(GoldRelease, models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    meaning = models.CharField(max_length=80)
    signed_name = models.CharField(max_length=150)
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="Of signer, meaning, time and the release's content.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "signer"], name="one_signature_a_person")]

    def __str__(self) -> str:
        """Return who signed what."""
        return f"{self.signed_name} under {self.release}"


class NoticeKind(models.TextChoices):
    """What is said about a release after it was frozen."""

    ERRATUM = "erratum", "Erratum"
    WITHDRAWAL = "withdrawal", "Withdrawn"


class ReleaseNotice(models.Model):
    """A signed word about a frozen release; the release itself never changes."""

    release = models.ForeignKey(GoldRelease, models.PROTECT, related_name="notices")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=NoticeKind)
    text = models.TextField()
    units = models.JSONField(default=list, help_text="[case, question, finding] of every label that is concerned.")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=150)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["release", "number"], name="one_notice_a_number")]

    def __str__(self) -> str:
        """Return what is said of which release."""
        return f"{self.get_kind_display()} {self.number} of {self.release}"


class Delivery(models.Model):
    """Who was handed which file of a release; the register that tells who holds a label."""

    release = models.ForeignKey(GoldRelease, models.PROTECT, related_name="deliveries")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file = models.CharField(max_length=160)
    digest = models.CharField(max_length=64, blank=True)
    delivered_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return receiver and file."""
        return f"{self.receiver} got {self.file}"


class ChannelKind(models.TextChoices):
    """How a project's alerts leave the house."""

    MAIL = "mail", "E-mail"
    HOOK = "hook", "Webhook"


class Channel(DueRow):
    """Where a project's alerts are sent; due again and again, and what holds is told once while it holds."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="channels")
    kind = models.CharField(max_length=8, choices=ChannelKind)
    address = models.CharField(max_length=500)
    rules = models.JSONField(default=list, help_text="Codes of alerts that are told; empty for all.")
    told = models.JSONField(default=list, help_text="Keys of what was told and still holds.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "address"], condition=Q(closed_at__isnull=True), name="one_channel_an_address"
            )
        ]
        indexes = [due_index("channel_due")]

    def __str__(self) -> str:
        """Return kind and address."""
        return f"{self.get_kind_display()} to {self.address}"


class Message(models.Model):
    """What was sent through a channel, and whether it was taken."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="messages")
    sent_at = models.DateTimeField()
    codes = models.JSONField(help_text="Codes of the alerts that it told.")
    fault = models.CharField(max_length=200, blank=True, help_text="Why it was not taken; empty where it was.")

    def __str__(self) -> str:
        """Return when it was sent."""
        return f"{self.sent_at:%Y-%m-%d %H:%M}"
