"""Panels of physicians, and what a physician answers before any read is shown."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations import triggers

# SQLite makes the table anew to change a column, and its triggers go with the old one.
REMADE = ['qc_adjudication']


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0002_append_only'),
        ('qc', '0010_subgroups_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='dispute',
            name='referred_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dispute',
            name='seats',
            field=models.PositiveSmallIntegerField(default=1, help_text='Votes that decide it; more than one for a panel.'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='turn',
            field=models.PositiveSmallIntegerField(default=1, help_text="Turn of a panel's votes, from 1."),
        ),
        migrations.AlterField(
            model_name='adjudication',
            name='decision',
            field=models.CharField(choices=[('reader', "Took a reader's answer"), ('consensus', 'Took the consensus'), ('own', 'Gave an answer of their own'), ('nothing', 'Nothing here'), ('exclude', 'Cannot be assessed'), ('panel', 'Vote of a panel'), ('no_consensus', 'A panel without a majority')], max_length=16),
        ),
        migrations.CreateModel(
            name='FirstLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(choices=[('reader', "Took a reader's answer"), ('consensus', 'Took the consensus'), ('own', 'Gave an answer of their own'), ('nothing', 'Nothing here'), ('exclude', 'Cannot be assessed'), ('panel', 'Vote of a panel'), ('no_consensus', 'A panel without a majority')], max_length=16)),
                ('label', models.JSONField(null=True)),
                ('given_at', models.DateTimeField()),
                ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='first_looks', to='qc.dispute')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('dispute', 'user'), name='one_first_look_a_person')],
            },
        ),
        migrations.CreateModel(
            name='PanelVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('turn', models.PositiveSmallIntegerField()),
                ('decision', models.CharField(choices=[('reader', "Took a reader's answer"), ('consensus', 'Took the consensus'), ('own', 'Gave an answer of their own'), ('nothing', 'Nothing here'), ('exclude', 'Cannot be assessed'), ('panel', 'Vote of a panel'), ('no_consensus', 'A panel without a majority')], max_length=16)),
                ('label', models.JSONField(null=True)),
                ('rationale', models.TextField()),
                ('root_cause', models.CharField(choices=[('oversight', 'Oversight'), ('interpretation', 'Interpretation'), ('ambiguous_image', 'Ambiguous image'), ('guideline_gap', 'Guideline gap'), ('technique', 'Technique'), ('technical', 'Technical'), ('other', 'Other')], max_length=16)),
                ('confidence', models.CharField(max_length=8)),
                ('shown_digest', models.CharField(max_length=64)),
                ('signed_name', models.CharField(max_length=150)),
                ('meaning', models.CharField(max_length=80)),
                ('signed_at', models.DateTimeField()),
                ('digest', models.CharField(max_length=64)),
                ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='qc.dispute')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.annotation')),
                ('voter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('dispute', 'turn', 'voter'), name='one_vote_a_turn')],
            },
        ),
        migrations.RunPython(triggers.dropper(REMADE), migrations.RunPython.noop),
        migrations.RunPython(triggers.creator(REMADE), triggers.dropper(REMADE)),
    ]
