"""Votes and first looks are evidence as well: the database refuses to change or delete them."""

from django.db import migrations

from annotations import triggers

TABLES = ["qc_firstlook", "qc_panelvote"]


class Migration(migrations.Migration):
    """Put the triggers on the tables."""

    dependencies = [("qc", "0011_panels_and_first_looks")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
