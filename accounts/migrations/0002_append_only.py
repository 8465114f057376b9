"""What happened to an account is evidence: the database itself refuses to change or delete it."""

from django.db import migrations

from annotations import triggers

TABLES = ["accounts_accountevent"]


class Migration(migrations.Migration):
    """Put the triggers on the table."""

    dependencies = [("accounts", "0001_initial"), ("annotations", "0002_append_only")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
