"""A read may audit, control, or be a benchmark."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0004_where_images_lie'),
    ]

    operations = [
        migrations.AlterField(
            model_name='assignment',
            name='purpose',
            field=models.CharField(choices=[('truth', 'Truth'), ('repeat', 'Repeat'), ('audit', 'Audit'), ('control', 'Control'), ('benchmark', 'Benchmark')], default='truth', max_length=10),
        ),
    ]
