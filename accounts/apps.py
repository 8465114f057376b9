from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who signs in and how it is proved: passwords, second factors, other people's sign-in services."""

    name = "accounts"
