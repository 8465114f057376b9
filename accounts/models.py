"""How a person proves to be the one: the second factor, its recovery codes, and names at other services."""

from django.conf import settings
from django.db import models


class SecondFactor(models.Model):
    """A device that shows six digits; in force once it was confirmed. The secret is kept encrypted."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor")
    secret = models.TextField()
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.PositiveBigIntegerField(default=0, help_text="The half minute of the last accepted digits.")

    def __str__(self) -> str:
        """Return whose it is."""
        return f"second factor of {self.user}"


class RecoveryCode(models.Model):
    """A code that replaces the device once; only its SHA-256 is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="one_recovery_code_once")]

    def __str__(self) -> str:
        """Return whose it is, never the code."""
        return f"recovery code of {self.user}"


class ForeignName(models.Model):
    """Who a person is at a sign-in service: its issuer and the subject that never changes there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="foreign_names")
    issuer = models.URLField(max_length=255)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_person_a_subject")]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"{self.user} at {self.issuer}"


class AccountEvent(models.Model):
    """What happened to an account, and by whom; append-only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="account_events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    body = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return person and action."""
        return f"{self.user}: {self.action}"


class Preference(models.Model):
    """In which language and time zone a person sees the pages."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preference")
    language = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=64)

    def __str__(self) -> str:
        """Return whose it is."""
        return f"preference of {self.user}"
