"""Evidence is append-only: the database itself refuses to change or delete it."""

from django.db import migrations

from annotations import triggers

TABLES = ["reports_goldrecord", "reports_releasefile"]


class Migration(migrations.Migration):
    """Put the triggers on the tables of evidence."""

    dependencies = [("reports", "0001_initial")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
