"""The app that keeps what was said."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """Projects, cases, readers and their labels."""

    name = "annotations"
    default_auto_field = "django.db.models.BigAutoField"
