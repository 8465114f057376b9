"""Evidence is append-only: the database itself refuses to change or delete it."""

from django.db import migrations

from annotations import triggers

TABLES = ["annotations_annotation", "annotations_exposure", "annotations_auditevent"]


class Migration(migrations.Migration):
    """Put the triggers on the tables of evidence."""

    dependencies = [("annotations", "0001_initial")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
