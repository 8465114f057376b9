"""The app that says what the reads mean."""

from django.apps import AppConfig


class QcConfig(AppConfig):
    """Agreement, consensus, disputes and adjudication."""

    name = "qc"
    default_auto_field = "django.db.models.BigAutoField"
