"""Evidence is append-only: the database itself refuses to change or delete it."""

from django.db import migrations

from annotations import triggers

TABLES = ["qc_evaluation", "qc_consensusresult", "qc_agreementresult", "qc_adjudication", "qc_protocolversion"]


class Migration(migrations.Migration):
    """Put the triggers on the tables of evidence."""

    dependencies = [("qc", "0001_initial")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
