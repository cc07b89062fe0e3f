"""Up to which batch of the path the stored candles are complete."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("market", "0006_max_source_age")]
    operations = [
        migrations.CreateModel(
            name="CandlePlace",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("batch", models.BigIntegerField(default=0)),
            ],
        ),
    ]
