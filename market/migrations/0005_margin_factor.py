"""A declared margin rate is stored as declared: 3.33333 % has seven decimals."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("market", "0004_sessions")]
    operations = [
        migrations.AlterField(
            model_name="symbol",
            name="margin_divider",
            field=models.DecimalField(
                decimal_places=8,
                default=1,
                max_digits=12,
                validators=[MinValueValidator(Decimal("0.000001"))],
                verbose_name="margin factor",
            ),
        ),
    ]
