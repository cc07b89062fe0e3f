"""Firings a day: a table of their own, filled with what the logs hold already."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from alerts.totals import RECOUNT


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0005_managed_groups"), ("alerts", "0003_deliveries")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="DayTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("symbol", models.CharField(max_length=16)),
                ("fired", models.PositiveIntegerField(default=0)),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "group", "symbol"), name="one_total_a_day"
                    )
                ],
            },
        ),
        migrations.RunSQL(RECOUNT, migrations.RunSQL.noop),
    ]
