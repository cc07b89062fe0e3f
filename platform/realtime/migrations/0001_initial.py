from django.db import migrations, models

import core.json


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("login", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("time", models.BigIntegerField(verbose_name="unix time")),
                ("event", models.JSONField(decoder=core.json.DecimalDecoder)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "login",
                        "seq",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            options={
                "ordering": ["login", "seq"],
            },
        ),
    ]
