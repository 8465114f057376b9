"""What was found in groups of cases is evidence as well: the database refuses to change or delete it."""

from django.db import migrations

from annotations import triggers

TABLES = ["qc_subgroupresult"]


class Migration(migrations.Migration):
    """Put the triggers on the table."""

    dependencies = [("qc", "0009_subgroup_results")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
