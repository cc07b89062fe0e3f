"""A quote whose source time is too old fills and triggers nothing."""

from django.core.validators import MaxValueValidator
from django.db import migrations, models

LONGEST = 86_400 * 366


class Migration(migrations.Migration):
    dependencies = [("market", "0005_margin_factor")]
    operations = [
        migrations.AddField(
            model_name="symbol",
            name="max_source_age",
            field=models.PositiveIntegerField(
                default=300,
                db_default=300,  # old processes insert symbols while a release is put in
                validators=[MaxValueValidator(LONGEST)],
                verbose_name="seconds after which a quote comes too late to be traded (0 never)",
            ),
        ),
        migrations.AddConstraint(
            model_name="symbol",
            constraint=models.CheckConstraint(
                condition=models.Q(max_source_age__lte=LONGEST), name="symbol_max_source_age"
            ),
        ),
        migrations.AlterField(
            model_name="symbol",
            name="filter_confirmations",
            field=models.PositiveSmallIntegerField(
                default=3, verbose_name="further quotes in a row after which a jump is believed"
            ),
        ),
    ]
