"""A reader may read a case again, and for other purposes than the truth."""

from django.conf import settings
from django.db import migrations, models

from annotations import triggers

# SQLite makes the table anew to add a column with a default, and its triggers go with the old one.
REMADE = ['annotations_annotation']


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='annotation',
            name='one_answer_a_revision',
        ),
        migrations.AddField(
            model_name='annotation',
            name='sitting',
            field=models.PositiveSmallIntegerField(default=1, help_text="The reader's seat at the case that it belongs to."),
        ),
        migrations.AddField(
            model_name='assignment',
            name='opens_at',
            field=models.DateTimeField(blank=True, help_text='Not shown before.', null=True),
        ),
        migrations.AddField(
            model_name='assignment',
            name='place',
            field=models.FloatField(default=0.0, help_text="Drawn; a reader's work is in this order."),
        ),
        migrations.AddField(
            model_name='assignment',
            name='purpose',
            field=models.CharField(choices=[('truth', 'Truth'), ('repeat', 'Repeat')], default='truth', max_length=10),
        ),
        migrations.AddField(
            model_name='assignment',
            name='sitting',
            field=models.PositiveSmallIntegerField(default=1, help_text='The n-th time that this reader reads this case.'),
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.UniqueConstraint(fields=('case', 'question', 'reader', 'sitting', 'mark', 'revision'), name='one_answer_a_revision'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(fields=('case', 'reader', 'sitting'), name='one_seat_a_sitting'),
        ),
        migrations.RunPython(triggers.dropper(REMADE), migrations.RunPython.noop),
        migrations.RunPython(triggers.creator(REMADE), triggers.dropper(REMADE)),
    ]
