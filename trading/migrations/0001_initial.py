import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields

# Closed rows are never edited in place (domain rules, section 5): the database refuses it.
# The row as a whole, so that a column of later migrations is guarded as well. States: 3 closed,
# 4 closed part, 6 deleted. A row becomes closed by one UPDATE or INSERT and then stands.
MAKE = """
CREATE FUNCTION trading_closed_row_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'order % of account % has ended: % is refused', OLD."order", OLD.login, TG_OP
        USING ERRCODE = 'integrity_constraint_violation',
        HINT = 'What was booked wrongly is corrected by a new row: services.correct.';
END $$;

CREATE TRIGGER closed_row_is_not_edited BEFORE UPDATE ON trading_trade FOR EACH ROW
    WHEN (OLD.state IN (3, 4, 6) AND OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION trading_closed_row_stands();

CREATE TRIGGER closed_row_is_not_deleted BEFORE DELETE ON trading_trade FOR EACH ROW
    WHEN (OLD.state IN (3, 4, 6))
    EXECUTE FUNCTION trading_closed_row_stands();
"""
UNMAKE = """
DROP TRIGGER closed_row_is_not_deleted ON trading_trade;
DROP TRIGGER closed_row_is_not_edited ON trading_trade;
DROP FUNCTION trading_closed_row_stands();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("market", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rollover",
            fields=[
                (
                    "night",
                    models.DateField(
                        primary_key=True, serialize=False, verbose_name="the day that ended"
                    ),
                ),
                ("moment", models.BigIntegerField(verbose_name="unix seconds of 17:00 New York")),
                (
                    "finished",
                    models.BigIntegerField(default=0, verbose_name="unix seconds, 0 not yet"),
                ),
                (
                    "amounts",
                    models.JSONField(
                        blank=True, default=dict, verbose_name="sum of the swaps by currency"
                    ),
                ),
                ("charged", models.PositiveIntegerField(default=0, verbose_name="trades charged")),
            ],
            options={
                "ordering": ["night"],
            },
        ),
        migrations.CreateModel(
            name="EnginePlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shard", models.PositiveIntegerField()),
                ("batch", models.BigIntegerField(default=0)),
                ("shards", models.PositiveIntegerField(db_default=0)),
            ],
            options={
                "permissions": [
                    ("view_exposure", "Can view exposure by symbol and accounts near stop-out"),
                    ("view_totals", "Can view totals of money"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("shards", "shard"), name="one_place_a_shard")
                ],
            },
        ),
        migrations.CreateModel(
            name="Trade",
            fields=[
                ("order", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "cmd",
                    models.IntegerField(
                        choices=[
                            (0, "buy"),
                            (1, "sell"),
                            (2, "buy limit"),
                            (3, "sell limit"),
                            (4, "buy stop"),
                            (5, "sell stop"),
                            (6, "balance in"),
                            (7, "credit in"),
                            (8, "balance out"),
                            (9, "credit out"),
                        ]
                    ),
                ),
                (
                    "state",
                    models.IntegerField(
                        choices=[
                            (0, "open"),
                            (1, "open requested"),
                            (3, "closed"),
                            (4, "closed part"),
                            (6, "deleted"),
                            (7, "close requested"),
                            (9, "cancel requested"),
                            (14, "open update requested"),
                            (16, "pending update requested"),
                            (19, "partial close requested"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "reason",
                    models.IntegerField(
                        choices=[
                            (0, "client"),
                            (1, "expert"),
                            (2, "dealer"),
                            (3, "signal"),
                            (4, "gateway"),
                            (5, "mobile"),
                            (6, "web"),
                            (7, "api"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "activation",
                    models.IntegerField(
                        choices=[
                            (0, "none"),
                            (1, "stop loss"),
                            (2, "take profit"),
                            (3, "pending"),
                            (4, "stop-out"),
                            (5, "cancel"),
                        ],
                        default=0,
                    ),
                ),
                ("volume", models.BigIntegerField(default=0)),
                ("closed_volume", models.BigIntegerField(default=0)),
                ("open_time", models.BigIntegerField()),
                ("close_time", models.BigIntegerField(default=0)),
                ("expiration", models.BigIntegerField(default=0)),
                ("open_price", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("close_price", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("sl", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("tp", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("profit", core.fields.MoneyField(decimal_places=4, default=0, max_digits=20)),
                ("commission", core.fields.MoneyField(decimal_places=4, default=0, max_digits=20)),
                ("storage", core.fields.MoneyField(decimal_places=4, default=0, max_digits=20)),
                (
                    "margin_rate",
                    models.DecimalField(
                        decimal_places=12,
                        default=1,
                        max_digits=24,
                        verbose_name="rate of the margin's currency at the open",
                    ),
                ),
                ("digits", models.PositiveSmallIntegerField(default=2)),
                ("comment", models.CharField(blank=True, max_length=128)),
                ("seen", models.BigIntegerField(default=0)),
                ("sl_seen", models.BigIntegerField(default=0)),
                ("tp_seen", models.BigIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        db_column="login",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trades",
                        to="accounts.account",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        db_column="parent_order",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="trading.trade",
                    ),
                ),
                (
                    "symbol",
                    models.ForeignKey(
                        db_column="symbol",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="market.symbol",
                    ),
                ),
                (
                    "waiting",
                    models.BooleanField(default=False, verbose_name="an activation was put off"),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        db_column="corrects_order",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="trading.trade",
                    ),
                ),
                (
                    "realized",
                    models.DecimalField(
                        decimal_places=20,
                        default=0,
                        max_digits=40,
                        verbose_name="unrounded profit of the closed parts",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_column="staff",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-order"],
                "permissions": [
                    ("deal", "Can open, close, modify and cancel for clients"),
                    ("correct", "Can correct and reverse what was booked"),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", 0)), fields=["account"], name="trade_live"
                    ),
                    models.Index(fields=["account", "close_time"], name="trade_history"),
                    models.Index(fields=["account", "open_time"], name="trade_by_open_time"),
                    models.Index(
                        condition=models.Q(("state", 0)),
                        fields=["symbol"],
                        name="trade_live_symbol",
                    ),
                    models.Index(
                        condition=models.Q(("cmd__in", (6, 7, 8, 9))),
                        fields=["open_time"],
                        include=("account", "cmd", "profit", "corrects"),
                        name="trade_finance",
                    ),
                    models.Index(
                        condition=models.Q(("parent__isnull", False)),
                        fields=["parent"],
                        name="trade_pieces",
                    ),
                    models.Index(
                        condition=models.Q(("corrects__isnull", False)),
                        fields=["corrects"],
                        name="trade_corrections",
                    ),
                    models.Index(fields=["symbol", "-order"], name="trade_by_symbol"),
                    models.Index(fields=["open_time", "order"], name="trade_by_opening"),
                    models.Index(
                        condition=models.Q(("close_time__gt", 0)),
                        fields=["close_time", "order"],
                        name="trade_by_close",
                    ),
                    models.Index(
                        condition=models.Q(("cmd__gt", 1)),
                        fields=["cmd", "-order"],
                        name="trade_by_cmd",
                    ),
                    models.Index(
                        condition=models.Q(("state", 0)),
                        fields=["-order"],
                        name="trade_live_by_order",
                    ),
                    models.Index(
                        condition=models.Q(("state__gt", 3)),
                        fields=["state", "-order"],
                        name="trade_by_state",
                    ),
                    models.Index(
                        condition=models.Q(("activation__gt", 0)),
                        fields=["activation", "-order"],
                        name="trade_by_activation",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("symbol__isnull", False), ("cmd__in", (6, 7, 8, 9)), _connector="OR"
                        ),
                        name="only_finance_has_no_symbol",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SwapCharge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        default=1, verbose_name="nights charged at once"
                    ),
                ),
                ("amount", core.fields.MoneyField(decimal_places=4, default=0, max_digits=20)),
                (
                    "terms",
                    models.JSONField(
                        default=dict, verbose_name="type, rate, price, volume and conversion"
                    ),
                ),
                (
                    "night",
                    models.ForeignKey(
                        db_column="night",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="swaps",
                        to="trading.rollover",
                    ),
                ),
                (
                    "trade",
                    models.ForeignKey(
                        db_column="order",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="swaps",
                        to="trading.trade",
                    ),
                ),
                (
                    "correction",
                    models.OneToOneField(
                        db_column="correction_order",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="late_swap",
                        to="trading.trade",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["night", "-id"], name="swap_by_night")],
                "constraints": [
                    models.UniqueConstraint(fields=("trade", "night"), name="one_swap_a_night")
                ],
            },
        ),
        migrations.CreateModel(
            name="MarginAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call", "margin call"),
                            ("recovery", "recovery from a margin call"),
                            ("stop_out", "stop-out"),
                            ("compensation", "negative balance protection"),
                        ],
                        max_length=12,
                    ),
                ),
                ("time", models.BigIntegerField(verbose_name="unix seconds")),
                (
                    "before",
                    models.JSONField(default=dict, verbose_name="the account's figures before it"),
                ),
                (
                    "after",
                    models.JSONField(default=dict, verbose_name="the account's figures after it"),
                ),
                (
                    "quotes",
                    models.JSONField(
                        default=dict, verbose_name="the quotes it was judged by, by symbol"
                    ),
                ),
                (
                    "rules",
                    models.JSONField(default=dict, verbose_name="the group's choices that decided"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_column="login",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="margin_actions",
                        to="accounts.account",
                    ),
                ),
                (
                    "trade",
                    models.ForeignKey(
                        db_column="order",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="margin_actions",
                        to="trading.trade",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["kind", "-id"], name="margin_action_by_kind"),
                    models.Index(fields=["time", "id"], name="margin_action_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("open", "Open"), ("activate", "Activate"), ("close", "Close")],
                        max_length=8,
                    ),
                ),
                ("time", models.BigIntegerField(verbose_name="unix seconds")),
                ("price", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("volume", models.BigIntegerField()),
                (
                    "quote",
                    models.JSONField(
                        verbose_name="bid, ask, time, received, number of the quote that filled"
                    ),
                ),
                (
                    "rates",
                    models.JSONField(
                        default=dict, verbose_name="conversion rates with their sides and chains"
                    ),
                ),
                (
                    "rules",
                    models.JSONField(default=dict, verbose_name="the group's choices that decided"),
                ),
                (
                    "trade",
                    models.ForeignKey(
                        db_column="order",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fills",
                        to="trading.trade",
                    ),
                ),
                (
                    "after",
                    models.JSONField(default=dict, verbose_name="the account's figures after it"),
                ),
                (
                    "around",
                    models.JSONField(
                        default=list, verbose_name="the quotes around it, oldest first"
                    ),
                ),
                (
                    "before",
                    models.JSONField(default=dict, verbose_name="the account's figures before it"),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("around", [])),
                        fields=["id"],
                        name="fill_without_quotes",
                    ),
                    models.Index(fields=["time", "id"], name="fill_by_time"),
                    models.Index(
                        condition=models.Q(("kind", "activate")),
                        fields=["-id"],
                        name="fill_activations",
                    ),
                ],
            },
        ),
        migrations.RunSQL(MAKE, UNMAKE),
    ]
