"""Pieces' profits add up exactly, whatever they were divided by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trading", "0005_fill_around")]
    operations = [
        migrations.AlterField(
            model_name="trade",
            name="realized",
            field=models.DecimalField(
                decimal_places=20,
                default=0,
                max_digits=40,
                verbose_name="unrounded profit of the closed parts",
            ),
        ),
    ]
