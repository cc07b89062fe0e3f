from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("login", models.BigIntegerField()),
                ("key", models.CharField(max_length=64)),
                ("route", models.CharField(max_length=128)),
                (
                    "fingerprint",
                    models.CharField(max_length=64, verbose_name="keyed hash of query and body"),
                ),
                ("status", models.PositiveSmallIntegerField(verbose_name="HTTP status")),
                ("answer", models.TextField(verbose_name="JSON body")),
                ("created", models.BigIntegerField(db_index=True, verbose_name="unix time")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "login",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "idempotency key",
            },
        ),
    ]
