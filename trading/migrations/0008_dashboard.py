from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("trading", "0007_swap_correction")]

    operations: ClassVar = [
        migrations.AlterModelOptions(
            name="engineplace",
            options={
                "permissions": [
                    ("view_exposure", "Can view exposure by symbol and accounts near stop-out"),
                    ("view_totals", "Can view totals of money"),
                ]
            },
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("cmd__in", (6, 7, 8, 9))),
                fields=["open_time"],
                include=("account", "cmd", "profit", "corrects"),
                name="trade_finance",
            ),
        ),
    ]
