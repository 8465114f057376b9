"""What methods made of the reads is evidence as well: the database refuses to change or delete it."""

from django.db import migrations

from annotations import triggers

TABLES = ["qc_methodresult"]


class Migration(migrations.Migration):
    """Put the triggers on the table."""

    dependencies = [("qc", "0005_methods_side_by_side")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
