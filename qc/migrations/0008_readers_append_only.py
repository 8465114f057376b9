"""What was found about readers is evidence as well: the database refuses to change or delete it."""

from django.db import migrations

from annotations import triggers

TABLES = ["qc_readerresult"]


class Migration(migrations.Migration):
    """Put the triggers on the table."""

    dependencies = [("qc", "0007_reader_results")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
