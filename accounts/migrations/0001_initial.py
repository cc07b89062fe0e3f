import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.fields

# Clients' logins are numbers from 100003 on; the demo has the two before.
CREATE = "CREATE SEQUENCE accounts_login MINVALUE 100003"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("login", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "type",
                    models.IntegerField(
                        choices=[(0, "user"), (1, "manager"), (2, "dealer"), (3, "admin")],
                        default=0,
                    ),
                ),
                ("enable", models.BooleanField(default=True, verbose_name="enabled")),
                (
                    "enable_change_password",
                    models.BooleanField(default=True, verbose_name="may change the password"),
                ),
                ("session_version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "regdate",
                    models.BigIntegerField(editable=False, verbose_name="registered, unix time"),
                ),
                ("name", models.CharField(blank=True, max_length=128)),
                ("email", models.EmailField(blank=True, db_index=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("avatar", models.CharField(blank=True, max_length=256)),
                ("country", models.CharField(blank=True, max_length=64)),
                ("city", models.CharField(blank=True, max_length=64)),
                ("state", models.CharField(blank=True, max_length=64)),
                ("address", models.CharField(blank=True, max_length=256)),
                ("zipcode", models.CharField(blank=True, max_length=16)),
                (
                    "spared_jti",
                    models.CharField(blank=True, editable=False, max_length=32, null=True),
                ),
                (
                    "managed_groups",
                    models.CharField(
                        blank=True,
                        help_text="Of staff. STD-*,!STD-TEST: all that begin with STD-, but that one. Empty: all.",
                        max_length=256,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A!?[^\\s,!]+(\\s*,\\s*!?[^\\s,!]+)*\\Z",
                                "Names and masks with commas between: BTC*,!BTCUSD",
                            )
                        ],
                        verbose_name="sees the account groups",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "ordering": ["login"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            "name",
                            "email",
                            models.Func(
                                "phone",
                                template="regexp_replace(%(expressions)s, '[^0-9]', '', 'g') || ' t' || reverse(regexp_replace(%(expressions)s, '[^0-9]', '', 'g'))",
                            ),
                            arg_joiner=" || ' ' || ",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                            template="to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))",
                        ),
                        name="user_by_words",
                    ),
                    models.Index(
                        django.db.models.functions.text.Upper("email"), name="user_by_mailbox"
                    ),
                    models.Index(
                        condition=models.Q(("type__gt", 0)),
                        fields=["type", "login"],
                        name="user_staff",
                    ),
                    models.Index(
                        condition=models.Q(("enable", False)),
                        fields=["login"],
                        name="user_disabled",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("spared_jti", ""), _negated=True),
                        name="user_spares_a_token_or_none",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RevokedToken",
            fields=[
                ("jti", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("expires", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=32, unique=True)),
                ("title", models.CharField(blank=True, max_length=128)),
                ("currency", models.CharField(default="USD", max_length=8)),
                (
                    "account_mode",
                    models.CharField(
                        choices=[("DEMO", "demo"), ("REAL", "real")], default="REAL", max_length=4
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("public", models.BooleanField(default=False, verbose_name="open to sign-up")),
                ("trade_enabled", models.BooleanField(default=True)),
                (
                    "leverage",
                    models.PositiveIntegerField(
                        default=100,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                    ),
                ),
                (
                    "default_deposit",
                    core.fields.MoneyField(
                        decimal_places=4,
                        default=0,
                        max_digits=20,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "max_positions",
                    models.PositiveIntegerField(
                        default=200, verbose_name="most open and pending orders"
                    ),
                ),
                ("hedge_allowed", models.BooleanField(default=True)),
                (
                    "max_deviation",
                    models.PositiveIntegerField(
                        default=20, verbose_name="instant execution deviation, points"
                    ),
                ),
                (
                    "margin_mode",
                    models.IntegerField(
                        choices=[(0, "none"), (1, "all"), (2, "only profit"), (3, "only loss")],
                        default=1,
                    ),
                ),
                (
                    "margin_rate_mode",
                    models.CharField(
                        choices=[
                            ("open", "the rate of the trade's open"),
                            ("mid", "re-valued at mid with every quote"),
                        ],
                        default="open",
                        max_length=4,
                    ),
                ),
                (
                    "conversion",
                    models.CharField(
                        choices=[
                            ("by_sign", "a gain is sold, a loss is bought"),
                            ("mid", "at the middle of bid and ask"),
                        ],
                        default="by_sign",
                        max_length=8,
                    ),
                ),
                (
                    "margin_type",
                    models.IntegerField(
                        choices=[(0, "percent of used margin"), (1, "account currency")], default=0
                    ),
                ),
                (
                    "margin_call",
                    models.DecimalField(
                        decimal_places=2,
                        default=100,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "margin_stopout",
                    models.DecimalField(
                        decimal_places=2,
                        default=50,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "gap_rule",
                    models.CharField(
                        choices=[
                            ("limit", "limits and take profits fill at their price"),
                            ("market", "limits and take profits fill at the better market price"),
                        ],
                        default="limit",
                        max_length=8,
                    ),
                ),
                (
                    "allow_sl_tp_slippage",
                    models.BooleanField(default=True, verbose_name="stop losses may slip"),
                ),
                (
                    "hidden_symbols",
                    models.CharField(
                        blank=True,
                        help_text="Names and masks: BTC*,!BTCUSD hides all that begin with BTC, but not BTCUSD.",
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
                    "fifo",
                    models.BooleanField(default=False, verbose_name="closes first in, first out"),
                ),
                (
                    "hedge_margin",
                    models.CharField(
                        choices=[
                            ("larger_leg", "the larger leg"),
                            ("zero", "only the uncovered part"),
                            ("half_each", "half of each leg's covered part"),
                            ("contract", "the covered pair on the symbol's hedged contract"),
                            ("sum", "both legs in full"),
                        ],
                        default="larger_leg",
                        max_length=12,
                    ),
                ),
                ("negative_balance_protection", models.BooleanField(default=True)),
                (
                    "stopout_order",
                    models.CharField(
                        choices=[
                            ("largest_loss", "the largest loss"),
                            ("most_margin", "the most margin"),
                            ("partial", "just enough of the position with the most margin"),
                        ],
                        default="largest_loss",
                        max_length=12,
                    ),
                ),
                (
                    "stopout_skip_hedged",
                    models.BooleanField(
                        default=False,
                        verbose_name="fully hedged accounts are left until equity is 0",
                    ),
                ),
                (
                    "hedge_price",
                    models.CharField(
                        choices=[
                            ("leg", "each leg at its own opens"),
                            ("all", "both legs at the average of all opens"),
                        ],
                        default="leg",
                        help_text="Counts while the margin keeps the rate of the open.",
                        max_length=4,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("leverage__gte", 1), ("leverage__lte", 10000)),
                        name="group_leverage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("default_deposit__gte", 0)),
                        name="group_default_deposit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("margin_call__gte", 0)), name="group_margin_call"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("margin_stopout__gte", 0)), name="group_margin_stopout"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingSignUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("code", models.CharField(max_length=16)),
                ("password", models.CharField(max_length=128, verbose_name="hash")),
                ("group", models.CharField(blank=True, max_length=32)),
                ("leverage", models.PositiveIntegerField(null=True)),
                ("profile", models.JSONField(default=dict)),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="wrong codes")),
                ("login", models.BigIntegerField(null=True)),
                ("until", models.BigIntegerField()),
                ("mail_due", models.BigIntegerField(null=True)),
                ("mail_tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("mail_due__isnull", False)),
                        fields=["mail_due"],
                        name="sign_up_mails",
                    ),
                    models.Index(fields=["until"], name="sign_up_until"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_column="login",
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="account",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "leverage",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ]
                    ),
                ),
                ("enable_read_only", models.BooleanField(default=False, verbose_name="read only")),
                ("comment", models.CharField(blank=True, max_length=128)),
                (
                    "balance",
                    core.fields.MoneyField(
                        decimal_places=4, default=0, editable=False, max_digits=20
                    ),
                ),
                (
                    "credit",
                    core.fields.MoneyField(
                        decimal_places=4, default=0, editable=False, max_digits=20
                    ),
                ),
                (
                    "prevbalance",
                    core.fields.MoneyField(
                        decimal_places=4, default=0, editable=False, max_digits=20
                    ),
                ),
                (
                    "prevmonthbalance",
                    core.fields.MoneyField(
                        decimal_places=4, default=0, editable=False, max_digits=20
                    ),
                ),
                ("seq", models.BigIntegerField(default=0, editable=False)),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="accounts.group",
                    ),
                ),
                (
                    "margin_called",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        verbose_name="the client was told of the margin call",
                    ),
                ),
            ],
            options={
                "ordering": ["user"],
                "permissions": [
                    ("open_account", "Can open accounts for clients"),
                    ("change_terms", "Can change an account's group and leverage"),
                    ("manage_access", "Can shut clients out, end sessions and reset passwords"),
                    ("move_money", "Can book deposits, withdrawals and credit"),
                ],
                "indexes": [
                    models.Index(fields=["group", "user"], name="account_of_group"),
                    models.Index(
                        condition=models.Q(("enable_read_only", True)),
                        fields=["user"],
                        name="account_read_only",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CREATE, "DROP SEQUENCE accounts_login"),
    ]
