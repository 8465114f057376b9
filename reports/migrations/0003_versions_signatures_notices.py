"""Semantic versions, signatures by persons, notices about releases, and who was handed what."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='goldrelease',
            name='version',
            field=models.CharField(blank=True, help_text='Semantic version; empty for the earliest releases.', max_length=20),
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.CharField(max_length=160)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('delivered_at', models.DateTimeField()),
                ('receiver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='reports.goldrelease')),
            ],
        ),
        migrations.CreateModel(
            name='ReleaseNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('erratum', 'Erratum'), ('withdrawal', 'Withdrawn')], max_length=12)),
                ('text', models.TextField()),
                ('units', models.JSONField(default=list, help_text='[case, question, finding] of every label that is concerned.')),
                ('signed_name', models.CharField(max_length=150)),
                ('signed_at', models.DateTimeField()),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='reports.goldrelease')),
                ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('release', 'number'), name='one_notice_a_number')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('meaning', models.CharField(max_length=80)),
                ('signed_name', models.CharField(max_length=150)),
                ('signed_at', models.DateTimeField()),
                ('digest', models.CharField(help_text="Of signer, meaning, time and the release's content.", max_length=64)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='reports.goldrelease')),
                ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'signer'), name='one_signature_a_person')],
            },
        ),
    ]
