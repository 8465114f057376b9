"""Signatures, notices and deliveries are evidence as well: the database refuses to change or delete them."""

from django.db import migrations

from annotations import triggers

TABLES = ["reports_releasesignature", "reports_releasenotice", "reports_delivery"]


class Migration(migrations.Migration):
    """Put the triggers on the tables."""

    dependencies = [("reports", "0003_versions_signatures_notices")]

    operations = [
        migrations.RunPython(triggers.creator(TABLES), triggers.dropper(TABLES)),
    ]
