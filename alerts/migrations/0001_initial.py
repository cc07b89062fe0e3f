import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("market", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertPlace",
            fields=[
                ("shard", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("batch", models.BigIntegerField(default=0)),
                ("quiet", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="HourTotal",
            fields=[
                ("login", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hour", models.BigIntegerField(default=0)),
                ("fired", models.PositiveIntegerField(default=0)),
                ("notified", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.IntegerField(choices=[(0, "e-mail"), (1, "webhook")])),
                ("address", models.CharField(max_length=500)),
                (
                    "state",
                    models.IntegerField(
                        choices=[(0, "unverified"), (1, "verified"), (2, "off"), (3, "ended")],
                        default=0,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="why it is not verified"
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=64)),
                ("code_until", models.BigIntegerField(default=0)),
                ("secret", models.CharField(blank=True, max_length=100)),
                (
                    "secret_time",
                    models.BigIntegerField(default=0, verbose_name="secret made, unix seconds"),
                ),
                ("old_secret", models.CharField(blank=True, max_length=100)),
                ("old_until", models.BigIntegerField(default=0)),
                ("created_at", models.BigIntegerField(verbose_name="unix seconds")),
                ("updated_at", models.BigIntegerField(verbose_name="unix seconds")),
                ("rest_until", models.BigIntegerField(default=0)),
                (
                    "failures",
                    models.PositiveIntegerField(
                        default=0, verbose_name="failures since the last success"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_column="login",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="accounts.account",
                    ),
                ),
                (
                    "fired",
                    models.PositiveIntegerField(default=0, verbose_name="firings in that hour"),
                ),
                (
                    "hour",
                    models.BigIntegerField(
                        default=0, verbose_name="newest hour with firings, unix hours"
                    ),
                ),
                (
                    "failing_since",
                    models.BigIntegerField(
                        default=0, verbose_name="first of those failures, unix seconds"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["account", "-id"], name="address_of_login"),
                    models.Index(fields=["channel", "-id"], name="address_by_channel"),
                    models.Index(fields=["state", "-id"], name="address_by_state"),
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            "address",
                            arg_joiner=" || ' ' || ",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                            template="to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))",
                        ),
                        name="address_by_words",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__lt", 3)),
                        fields=("account", "channel"),
                        name="one_address_a_channel",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("indicator_name", models.CharField(blank=True, max_length=256)),
                ("message", models.CharField(blank=True, max_length=256)),
                ("comment", models.CharField(blank=True, max_length=256)),
                ("side", models.IntegerField(choices=[(0, "bid"), (1, "ask")])),
                (
                    "condition",
                    models.IntegerField(
                        choices=[
                            (0, "crossing up"),
                            (1, "crossing down"),
                            (2, "greater than"),
                            (3, "less than"),
                            (4, "entering channel"),
                            (5, "exiting channel"),
                            (6, "inside channel"),
                            (7, "outside channel"),
                            (8, "moving up"),
                            (9, "moving down"),
                            (10, "moving up %"),
                            (11, "moving down %"),
                            (12, "crossing either"),
                        ]
                    ),
                ),
                ("repeat_mode", models.IntegerField(choices=[(0, "once"), (1, "repeat")])),
                (
                    "status",
                    models.IntegerField(
                        choices=[
                            (0, "active"),
                            (1, "triggered"),
                            (2, "disabled"),
                            (3, "deleted"),
                            (4, "expired"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "target_price",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20),
                ),
                ("channel_low", core.fields.PriceField(decimal_places=8, default=0, max_digits=20)),
                (
                    "channel_high",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20),
                ),
                (
                    "move_threshold",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20),
                ),
                (
                    "reference_price",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20),
                ),
                ("reference_time", models.BigIntegerField(default=0)),
                ("created_at", models.BigIntegerField()),
                ("updated_at", models.BigIntegerField()),
                ("expires_at", models.BigIntegerField(default=0, verbose_name="0 never")),
                ("triggered_at", models.BigIntegerField(default=0)),
                (
                    "triggered_price",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20),
                ),
                (
                    "armed",
                    models.BooleanField(
                        default=True, verbose_name="the condition was false since it last fired"
                    ),
                ),
                ("wake_up", models.FloatField(null=True)),
                ("wake_down", models.FloatField(null=True)),
                ("fresh", models.BooleanField(default=True)),
                ("seen", models.BigIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        db_column="login",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="accounts.account",
                    ),
                ),
                (
                    "symbol",
                    models.ForeignKey(
                        db_column="symbol",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="market.symbol",
                    ),
                ),
                (
                    "cooldown",
                    models.PositiveIntegerField(
                        default=1, verbose_name="seconds between two firings"
                    ),
                ),
                (
                    "rests_until",
                    models.BigIntegerField(
                        default=0, verbose_name="no firing before, unix seconds"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["account", "-id"], name="alert_of_login"),
                    models.Index(
                        condition=models.Q(("status", 0), ("wake_up__isnull", False)),
                        fields=["symbol", "side", "wake_up"],
                        name="alert_up",
                    ),
                    models.Index(
                        condition=models.Q(("status", 0), ("wake_down__isnull", False)),
                        fields=["symbol", "side", "wake_down"],
                        name="alert_down",
                    ),
                    models.Index(
                        condition=models.Q(("status", 0), ("fresh", True)),
                        fields=["id"],
                        name="alert_fresh",
                    ),
                    models.Index(
                        condition=models.Q(("status", 0), ("expires_at__gt", 0)),
                        fields=["symbol", "side", "expires_at"],
                        name="alert_ends",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status", 0), ("wake_down__isnull", True), ("wake_up__isnull", True)
                        ),
                        fields=["symbol", "side", "rests_until"],
                        name="alert_rests",
                    ),
                    models.Index(fields=["status", "-id"], name="alert_by_status"),
                    models.Index(fields=["symbol", "-id"], name="alert_by_symbol"),
                    models.Index(fields=["created_at", "id"], name="alert_by_creation"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("login", models.BigIntegerField()),
                ("symbol", models.CharField(max_length=16)),
                ("indicator_name", models.CharField(blank=True, max_length=256)),
                ("message", models.CharField(blank=True, max_length=256)),
                ("comment", models.CharField(blank=True, max_length=256)),
                ("side", models.IntegerField(choices=[(0, "bid"), (1, "ask")])),
                (
                    "condition",
                    models.IntegerField(
                        choices=[
                            (0, "crossing up"),
                            (1, "crossing down"),
                            (2, "greater than"),
                            (3, "less than"),
                            (4, "entering channel"),
                            (5, "exiting channel"),
                            (6, "inside channel"),
                            (7, "outside channel"),
                            (8, "moving up"),
                            (9, "moving down"),
                            (10, "moving up %"),
                            (11, "moving down %"),
                            (12, "crossing either"),
                        ]
                    ),
                ),
                (
                    "target_price",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20),
                ),
                (
                    "triggered_price",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20),
                ),
                (
                    "triggered_at",
                    models.BigIntegerField(verbose_name="time of the quote, unix seconds"),
                ),
                (
                    "previous_price",
                    core.fields.PriceField(decimal_places=8, default=0, max_digits=20, null=True),
                ),
                ("quote_time", models.BigIntegerField(verbose_name="time of the quote, unix ms")),
                ("quote_number", models.BigIntegerField()),
                ("evaluated_at", models.BigIntegerField(verbose_name="unix ms")),
                (
                    "hidden",
                    models.BooleanField(default=False, verbose_name="deleted by the client"),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="logs",
                        to="alerts.alert",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["login", "-id"], name="alert_log_of_login"),
                    models.Index(fields=["symbol", "-id"], name="alert_log_by_symbol"),
                    models.Index(fields=["condition", "-id"], name="alert_log_by_condition"),
                    models.Index(fields=["triggered_at", "id"], name="alert_log_by_time"),
                    models.Index(
                        condition=models.Q(("hidden", True)),
                        fields=["-id"],
                        name="alert_log_hidden",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("alert", "quote_number"), name="one_log_a_quote"
                    )
                ],
            },
        ),
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
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.IntegerField(
                        choices=[(0, "waiting"), (1, "delivered"), (2, "given up")], default=0
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("step", models.PositiveIntegerField(default=0)),
                (
                    "answer",
                    models.CharField(blank=True, max_length=200, verbose_name="last answer"),
                ),
                ("next_try", models.BigIntegerField(verbose_name="next try, unix ms")),
                ("created_at", models.BigIntegerField(verbose_name="unix ms")),
                (
                    "done_at",
                    models.BigIntegerField(
                        default=0, verbose_name="delivered or given up, unix ms"
                    ),
                ),
                (
                    "address",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="alerts.address",
                    ),
                ),
                (
                    "log",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="alerts.alertlog",
                    ),
                ),
                (
                    "hour",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="hour that it sums up, unix hours"
                    ),
                ),
                (
                    "left_out",
                    models.PositiveIntegerField(default=0, verbose_name="firings that it sums up"),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["-id"],
                "permissions": [("resend_delivery", "Can send deliveries again")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", 0)),
                        fields=["next_try", "id"],
                        name="delivery_due",
                    ),
                    models.Index(fields=["address", "-id"], name="delivery_of_address"),
                    models.Index(fields=["state", "-id"], name="delivery_by_state"),
                    models.Index(fields=["state", "-log"], name="delivery_by_outcome"),
                    models.Index(fields=["created_at", "id"], name="delivery_by_creation"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("log", "address"), name="one_delivery_an_address"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("hour__isnull", False)),
                        fields=("address", "hour"),
                        name="one_summary_an_hour",
                    ),
                ],
            },
        ),
    ]
