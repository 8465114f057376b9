"""The app that publishes gold sets."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Releases, exports and reports."""

    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"
