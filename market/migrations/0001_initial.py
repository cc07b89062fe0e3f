from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
from django.db import migrations, models

import core.fields
import market.hours
import market.schedules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

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
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, unique=True)),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC", max_length=64, validators=[market.schedules.validate_zone]
                    ),
                ),
                (
                    "sunday",
                    market.schedules.HoursField(
                        blank=True,
                        help_text="09:30-12:00, 13:00-16:00, 22:00-02:00; empty is closed.",
                        max_length=40,
                        validators=[market.hours.validate],
                    ),
                ),
                (
                    "monday",
                    market.schedules.HoursField(
                        blank=True,
                        default="00:00-24:00",
                        max_length=40,
                        validators=[market.hours.validate],
                    ),
                ),
                (
                    "tuesday",
                    market.schedules.HoursField(
                        blank=True,
                        default="00:00-24:00",
                        max_length=40,
                        validators=[market.hours.validate],
                    ),
                ),
                (
                    "wednesday",
                    market.schedules.HoursField(
                        blank=True,
                        default="00:00-24:00",
                        max_length=40,
                        validators=[market.hours.validate],
                    ),
                ),
                (
                    "thursday",
                    market.schedules.HoursField(
                        blank=True,
                        default="00:00-24:00",
                        max_length=40,
                        validators=[market.hours.validate],
                    ),
                ),
                (
                    "friday",
                    market.schedules.HoursField(
                        blank=True,
                        default="00:00-24:00",
                        max_length=40,
                        validators=[market.hours.validate],
                    ),
                ),
                (
                    "saturday",
                    market.schedules.HoursField(
                        blank=True, max_length=40, validators=[market.hours.validate]
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "friday__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            ),
                            (
                                "monday__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            ),
                            (
                                "saturday__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            ),
                            (
                                "sunday__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            ),
                            (
                                "thursday__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            ),
                            (
                                "tuesday__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            ),
                            (
                                "wednesday__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            ),
                        ),
                        name="schedule_hours",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SymbolGroup",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("sort_index", models.IntegerField(default=0)),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        help_text="When its symbols trade; empty is round the clock.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="market.schedule",
                    ),
                ),
            ],
            options={
                "ordering": ["sort_index", "name"],
            },
        ),
        migrations.CreateModel(
            name="Symbol",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z0-9#&+./@^_-]{1,16}\\Z",
                                "Capital letters, digits and # & + . / @ ^ _ - only.",
                            )
                        ],
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=128)),
                ("currency", models.CharField(max_length=8, verbose_name="base currency")),
                ("quote_currency", models.CharField(max_length=8)),
                ("margin_currency", models.CharField(max_length=8)),
                (
                    "digits",
                    models.PositiveSmallIntegerField(
                        default=5, validators=[django.core.validators.MaxValueValidator(8)]
                    ),
                ),
                (
                    "contract_size",
                    models.DecimalField(
                        decimal_places=4,
                        default=100000,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.000001"))],
                    ),
                ),
                ("sort_index", models.IntegerField(default=0)),
                (
                    "trade",
                    models.IntegerField(
                        choices=[(0, "no"), (1, "close only"), (2, "full")], default=2
                    ),
                ),
                (
                    "exemode",
                    models.IntegerField(
                        choices=[(0, "request"), (1, "instant"), (2, "market")], default=2
                    ),
                ),
                ("long_only", models.BooleanField(default=False)),
                (
                    "lot_min",
                    models.PositiveIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "lot_max",
                    models.PositiveIntegerField(
                        default=10000, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "lot_step",
                    models.PositiveIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                ("stops_level", models.PositiveIntegerField(default=0)),
                ("freeze_level", models.PositiveIntegerField(default=0)),
                (
                    "profit_mode",
                    models.IntegerField(
                        choices=[(0, "forex"), (1, "CFD"), (2, "futures")], default=0
                    ),
                ),
                (
                    "margin_mode",
                    models.IntegerField(
                        choices=[
                            (0, "forex"),
                            (1, "CFD"),
                            (2, "futures"),
                            (3, "CFD index"),
                            (4, "CFD leverage"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "margin_divider",
                    models.DecimalField(
                        decimal_places=8,
                        default=1,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.000001"))],
                        verbose_name="margin factor",
                    ),
                ),
                (
                    "margin_initial",
                    core.fields.MoneyField(
                        decimal_places=4,
                        default=0,
                        max_digits=20,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="futures margin a lot",
                    ),
                ),
                (
                    "tick_size",
                    core.fields.PriceField(
                        decimal_places=8,
                        default=0,
                        max_digits=20,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "tick_value",
                    core.fields.MoneyField(
                        decimal_places=4,
                        default=0,
                        max_digits=20,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "comm_base",
                    models.DecimalField(
                        decimal_places=4,
                        default=0,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="commission",
                    ),
                ),
                (
                    "comm_type",
                    models.IntegerField(
                        choices=[(0, "money"), (1, "pips"), (2, "percent")], default=0
                    ),
                ),
                (
                    "comm_lots",
                    models.IntegerField(choices=[(0, "per lot"), (1, "per deal")], default=0),
                ),
                (
                    "quote_timeout",
                    models.PositiveIntegerField(
                        default=60,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="seconds until a quote is stale, and an outage",
                    ),
                ),
                (
                    "filter_percent",
                    models.DecimalField(
                        decimal_places=3,
                        default=5,
                        max_digits=6,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="largest jump between two quotes, percent (0 none)",
                    ),
                ),
                (
                    "filter_confirmations",
                    models.PositiveSmallIntegerField(
                        default=3,
                        verbose_name="further quotes in a row after which a jump is believed",
                    ),
                ),
                (
                    "demo_price",
                    core.fields.PriceField(
                        decimal_places=8,
                        default=0,
                        max_digits=20,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="price at which the simulated feed starts",
                    ),
                ),
                (
                    "demo_spread",
                    models.PositiveIntegerField(
                        default=10, verbose_name="spread of the simulated feed, points"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="symbols",
                        to="market.symbolgroup",
                    ),
                ),
                (
                    "leverage_tiers",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[[50, 500], [null, 200]]: up to 50 lots at most 500, what is above at most 200.",
                        verbose_name="leverage by size",
                    ),
                ),
                (
                    "margin_hedged",
                    models.DecimalField(
                        decimal_places=4,
                        default=0,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="contract size of a covered pair",
                    ),
                ),
                (
                    "swap_enable",
                    models.BooleanField(default=False, verbose_name="swaps are charged"),
                ),
                ("swap_long", models.DecimalField(decimal_places=4, default=0, max_digits=12)),
                (
                    "swap_rollover3days",
                    models.IntegerField(
                        choices=[
                            (0, "Sunday"),
                            (1, "Monday"),
                            (2, "Tuesday"),
                            (3, "Wednesday"),
                            (4, "Thursday"),
                            (5, "Friday"),
                            (6, "Saturday"),
                        ],
                        default=3,
                        verbose_name="weekday of the triple swap",
                    ),
                ),
                ("swap_short", models.DecimalField(decimal_places=4, default=0, max_digits=12)),
                (
                    "swap_type",
                    models.IntegerField(
                        choices=[
                            (0, "points"),
                            (1, "money a lot"),
                            (2, "yearly interest on the day's mid"),
                            (3, "money a lot in the margin currency"),
                            (4, "yearly interest on the open price"),
                            (5, "yearly interest on the current price"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        help_text="When it trades; empty is as its group.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="market.schedule",
                    ),
                ),
                (
                    "max_source_age",
                    models.PositiveIntegerField(
                        db_default=300,
                        default=300,
                        validators=[django.core.validators.MaxValueValidator(31622400)],
                        verbose_name="seconds after which a quote comes too late to be traded (0 never)",
                    ),
                ),
            ],
            options={
                "ordering": ["sort_index", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[A-Z0-9#&+./@^_-]{1,16}$")),
                        name="symbol_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digits__lte", 8)), name="symbol_digits"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("contract_size__gt", 0)), name="symbol_contract_size"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("margin_divider__gt", 0)), name="symbol_margin_divider"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("margin_initial__gte", 0)), name="symbol_margin_initial"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("margin_hedged__gte", 0)), name="symbol_margin_hedged"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tick_size__gte", 0)), name="symbol_tick_size"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tick_value__gte", 0)), name="symbol_tick_value"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("comm_base__gte", 0)), name="symbol_comm_base"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("filter_percent__gte", 0)), name="symbol_filter_percent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("demo_price__gte", 0)), name="symbol_demo_price"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quote_timeout__gte", 1)), name="symbol_quote_timeout"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_source_age__lte", 31622400)),
                        name="symbol_max_source_age",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lot_min__gte", 1),
                            ("lot_min__lte", models.F("lot_max")),
                            ("lot_step__gte", 1),
                        ),
                        name="symbol_lots",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("lot_min"), "%%", models.F("lot_step")
                                ),
                                "+",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("lot_max"), "%%", models.F("lot_step")
                                ),
                            ),
                            0,
                        ),
                        name="symbol_lots_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("login", models.BigIntegerField()),
                ("prefix", models.CharField(default="web", max_length=32)),
                ("sort_index", models.IntegerField(default=0)),
                ("color", models.CharField(blank=True, max_length=7)),
                (
                    "symbol",
                    models.ForeignKey(
                        db_column="symbol",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="market.symbol",
                    ),
                ),
            ],
            options={
                "ordering": ["sort_index", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("login", "prefix", "symbol"), name="one_watch_a_symbol"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupSchedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "symbols",
                    market.schedules.MaskField(
                        default="*",
                        help_text="Names and masks: US*,!US500 are all that begin with US, but not US500.",
                        max_length=512,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A!?[^\\s,!]+(\\s*,\\s*!?[^\\s,!]+)*\\Z",
                                "Names and masks with commas between: BTC*,!BTCUSD",
                            )
                        ],
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedules",
                        to="accounts.group",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        help_text="Of several that fit a symbol, the one that was added last decides.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="market.schedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "working time",
                "verbose_name_plural": "working times of account groups",
                "ordering": ["group__name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("date", models.DateField(db_index=True)),
                (
                    "symbols",
                    market.schedules.MaskField(
                        default="*",
                        help_text="Names and masks: US*,!US500 are all that begin with US, but not US500.",
                        max_length=512,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A!?[^\\s,!]+(\\s*,\\s*!?[^\\s,!]+)*\\Z",
                                "Names and masks with commas between: BTC*,!BTCUSD",
                            )
                        ],
                    ),
                ),
                (
                    "hours",
                    market.schedules.HoursField(
                        blank=True,
                        help_text="All that is open on the date. Of several that fit a symbol, the one that was added last decides.",
                        max_length=40,
                        validators=[market.hours.validate],
                        verbose_name="sessions",
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["-date", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "hours__regex",
                                "^(([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(, ?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)){0,2})?$",
                            )
                        ),
                        name="holiday_hours",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LastQuote",
            fields=[
                (
                    "symbol",
                    models.OneToOneField(
                        db_column="symbol",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="last_quote",
                        serialize=False,
                        to="market.symbol",
                    ),
                ),
                ("bid", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("ask", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("time", models.BigIntegerField(verbose_name="the source's time, unix ms")),
                ("received", models.BigIntegerField(verbose_name="time of receipt, unix ms")),
                ("number", models.BigIntegerField(verbose_name="number in the order of receipt")),
            ],
        ),
        migrations.CreateModel(
            name="Candle",
            fields=[
                (
                    "resolution",
                    models.IntegerField(choices=[(1, "1 minute"), (60, "1 hour"), (1440, "1 day")]),
                ),
                ("time", models.BigIntegerField(verbose_name="begin, unix seconds")),
                ("open", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("high", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("low", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("close", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                ("volume", models.BigIntegerField(default=0, verbose_name="number of quotes")),
                (
                    "symbol",
                    models.ForeignKey(
                        db_column="symbol",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="market.symbol",
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "symbol",
                        "resolution",
                        "time",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
    ]
