"""What dealers and managers may do, and what a night has charged on its own row."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Nights that were finished before their rows told of it.
TELL = """
UPDATE trading_rollover AS rollover SET charged = found.charged, amounts = found.amounts
FROM (
    SELECT night, sum(count)::integer AS charged, jsonb_object_agg(currency, total) AS amounts
    FROM (
        SELECT night, currency, count(*), trim_scale(sum(amount))::text AS total
        FROM trading_swapcharge AS charge
        JOIN trading_trade AS trade ON trade."order" = charge."order"
        JOIN accounts_account AS account ON account.login = trade.login
        JOIN accounts_group AS "group" ON "group".id = account.group_id
        GROUP BY night, currency
    ) AS by_currency GROUP BY night
) AS found WHERE found.night = rollover.night AND rollover.finished > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_account_rights"),
        ("market", "0005_margin_factor"),
        ("trading", "0009_list_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="trade",
            options={
                "ordering": ["-order"],
                "permissions": [
                    ("deal", "Can open, close, modify and cancel for clients"),
                    ("correct", "Can correct and reverse what was booked"),
                ],
            },
        ),
        migrations.AddField(
            model_name="rollover",
            name="amounts",
            field=models.JSONField(
                blank=True, default=dict, verbose_name="sum of the swaps by currency"
            ),
        ),
        migrations.AddField(
            model_name="rollover",
            name="charged",
            field=models.PositiveIntegerField(default=0, verbose_name="trades charged"),
        ),
        migrations.AlterField(
            model_name="swapcharge",
            name="night",
            field=models.ForeignKey(
                db_column="night",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="swaps",
                to="trading.rollover",
            ),
        ),
        migrations.AlterField(
            model_name="swapcharge",
            name="trade",
            field=models.ForeignKey(
                db_column="order",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="swaps",
                to="trading.trade",
            ),
        ),
        migrations.AddIndex(
            model_name="swapcharge",
            index=models.Index(fields=["night", "-id"], name="swap_by_night"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("state", 0)), fields=["-order"], name="trade_live_by_order"
            ),
        ),
        migrations.RunSQL(TELL, migrations.RunSQL.noop),
    ]
