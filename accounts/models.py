"""People who sign in (`User`), the trading account of a client (`Account`) and its `Group`."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from accounts import enums, staff_scope
from accounts.pending_sign_up import PendingSignUp  # noqa: F401 - Django looks for models here
from accounts.querysets import AccountManager, UserManager
from accounts.revoked_token import RevokedToken  # noqa: F401 - as PendingSignUp
from core import name_patterns
from core.fields import MoneyField
from core.text_search import make_digits, make_parts_vector
from realtime.events import publish

M = TypeVar("M", bound=models.Model)
LEVERAGE = [MinValueValidator(1), MaxValueValidator(10_000)]
NOT_NEGATIVE = [MinValueValidator(0)]
LevelField = partial(models.DecimalField, max_digits=12, decimal_places=2, validators=NOT_NEGATIVE)
AMOUNTS_OF_GROUPS = ("default_deposit", "margin_call", "margin_call_recovery", "margin_stopout")
# What staff search people by.
PERSON_SEARCH = make_parts_vector("name", "email", make_digits("phone"))


class Group(models.Model):
    """A set of accounts under the same conditions, with every rule that can be chosen."""

    name = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=128, blank=True)
    currency = models.CharField(max_length=8, default="USD")
    account_mode = models.CharField(max_length=4, choices=enums.AccountMode, default="REAL")
    enabled = models.BooleanField(default=True)
    public = models.BooleanField("open to sign-up", default=False)
    trade_enabled = models.BooleanField(default=True)
    leverage = models.PositiveIntegerField(default=100, validators=LEVERAGE)
    default_deposit = MoneyField(validators=NOT_NEGATIVE)
    max_positions = models.PositiveIntegerField("most open and pending orders", default=200)
    hedge_allowed = models.BooleanField(default=True)
    fifo = models.BooleanField("closes first in, first out", default=False)
    max_deviation = models.PositiveIntegerField("instant execution deviation, points", default=20)
    hidden_symbols = models.CharField(
        max_length=512,
        blank=True,
        validators=[name_patterns.validate_name_patterns],
        help_text="Names and masks: BTC*,!BTCUSD hides all that begin with BTC, but not BTCUSD.",
    )

    margin_mode = models.IntegerField(choices=enums.FloatingMode, default=enums.FloatingMode.ALL)
    margin_rate_mode = models.CharField(max_length=4, choices=enums.RateMode, default="open")
    hedge_margin = models.CharField(max_length=12, choices=enums.HedgeMargin, default="larger_leg")
    hedge_price = models.CharField(
        max_length=4,
        choices=enums.HedgePrice,
        default="leg",
        help_text="Counts while the margin keeps the rate of the open.",
    )
    conversion = models.CharField(max_length=8, choices=enums.Conversion, default="by_sign")
    conversion_prices = models.CharField(
        max_length=8, choices=enums.ConversionPrices, default="market", db_default="market"
    )
    margin_type = models.IntegerField(choices=enums.LevelUnit, default=enums.LevelUnit.PERCENT)
    margin_call = LevelField(default=100)
    margin_call_recovery = LevelField(
        default=5,
        db_default=5,
        help_text="How far above it a call ends: points of percent; of a level in money, percent.",
    )
    margin_stopout = LevelField(default=50)
    stopout_order = models.CharField(
        max_length=12, choices=enums.StopOutOrder, default="largest_loss"
    )
    stopout_skip_hedged = models.BooleanField(
        "fully hedged accounts are left until equity is 0", default=False
    )
    negative_balance_protection = models.BooleanField(default=True)
    gap_rule = models.CharField(max_length=8, choices=enums.GapRule, default="limit")
    allow_sl_tp_slippage = models.BooleanField("stop losses may slip", default=True)

    class Meta:
        verbose_name = "account group"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(leverage__gte=1, leverage__lte=10_000), name="group_leverage"
            ),
            *(
                models.CheckConstraint(
                    condition=models.Q(**{f"{field}__gte": 0}), name=f"group_{field}"
                )
                for field in AMOUNTS_OF_GROUPS
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a margin call level below the stop-out level, whatever their unit."""
        call, stopout = self.margin_call, self.margin_stopout
        if call is not None and stopout is not None and call < stopout:
            message = f"The margin call must not be below the stop-out, which is at {stopout}."
            raise ValidationError({"margin_call": message})

    @property
    def call_end_level(self) -> Decimal:
        """Return the level at which a margin call ends, in the unit of the levels."""
        if self.margin_type == enums.LevelUnit.PERCENT:
            return self.margin_call + self.margin_call_recovery
        return self.margin_call * (1 + self.margin_call_recovery / 100)

    def hides(self, symbol: str) -> bool:
        """Check whether the symbol is hidden from the group's clients."""
        return name_patterns.matches_patterns(self.hidden_symbols, symbol)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, client or staff.

    `session_version` ends every older token, except the one whose `jti` is `spared_jti`: a
    client who changes the password stays signed in.
    """

    login = models.BigIntegerField(primary_key=True)
    type = models.IntegerField(choices=enums.SessionType, default=enums.SessionType.USER)
    enable = models.BooleanField("enabled", default=True)
    enable_change_password = models.BooleanField("may change the password", default=True)
    session_version = models.PositiveIntegerField(default=1, editable=False)
    # NULL, not empty, where none is spared: NULL equals no token's `jti`.
    spared_jti = models.CharField(  # noqa: DJ001 - see above
        max_length=32, null=True, blank=True, editable=False
    )
    regdate = models.BigIntegerField("registered, unix time", editable=False)
    managed_groups = models.CharField(
        "sees the account groups",
        max_length=256,
        blank=True,
        validators=[name_patterns.validate_name_patterns],
        help_text="Of staff. STD-*,!STD-TEST: all that begin with STD-, but that one. Empty: all.",
    )
    name = models.CharField(max_length=128, blank=True)
    email = models.EmailField(blank=True, db_index=True)
    phone = models.CharField(max_length=64, blank=True)
    avatar = models.CharField(max_length=256, blank=True)
    country = models.CharField(max_length=128, blank=True)
    city = models.CharField(max_length=128, blank=True)
    state = models.CharField(max_length=128, blank=True)
    address = models.CharField(max_length=256, blank=True)
    zipcode = models.CharField(max_length=32, blank=True)
    user_color = models.CharField(max_length=32, blank=True, default="", db_default="")

    USERNAME_FIELD = "login"
    objects = UserManager()

    class Meta:
        ordering: ClassVar = ["login"]
        indexes: ClassVar = [
            GinIndex(PERSON_SEARCH, name="user_by_parts"),
            models.Index(Upper("email"), name="user_by_mailbox"),  # as `iexact` asks
            # The few among the many, for the filters of the list.
            models.Index(fields=["type", "login"], name="user_staff", condition=Q(type__gt=0)),
            models.Index(fields=["login"], name="user_disabled", condition=Q(enable=False)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(spared_jti=""), name="user_spares_a_token_or_none"),
        ]

    def __str__(self) -> str:
        return f"{self.login} {self.name}".strip()

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django asks a field, we have one
        return self.enable

    @property
    def is_staff(self) -> bool:
        return self.type != enums.SessionType.USER

    @cached_property
    def visible_groups(self) -> list[int] | None:
        """Return the ids of the groups that this staff member may see; None: all."""
        return staff_scope.managed_group_ids(self)

    def limited(self, rows: QuerySet[M], *, group: str = "", login: str = "") -> QuerySet[M]:
        """Return the rows that this staff member may see; see `staff_scope.rows_visible_to`."""
        return staff_scope.rows_visible_to(self, rows, group=group, login=login)

    def may_see(self, login: int) -> bool:
        """Check whether this staff member may see the login's account."""
        if self.visible_groups is None:
            return True
        return Account.objects.filter(pk=login, group__in=self.visible_groups).exists()

    def get_session_auth_hash(self) -> str:
        """Return a hash that ends backoffice sessions on a new password or `end_sessions`."""
        return salted_hmac(
            "accounts.session", f"{self.password}|{self.session_version}"
        ).hexdigest()

    def get_full_name(self) -> str:
        """Return the name that the admin shows."""
        return self.name

    def save(
        self,
        *args: Any,
        update_fields: Iterable[str] | None = None,
        spared_jti: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Save; a new password ends every session, whichever form, command or route sets it."""
        # Django keeps the raw password until it is saved, but not when it only upgrades the hash.
        if getattr(self, "_password", None) is not None and not self._state.adding:
            ended = self.end_sessions(spared_jti)
            if update_fields is not None:
                update_fields = {*update_fields, *ended}
        super().save(*args, update_fields=update_fields, **kwargs)
        version: Any = self.session_version
        if not isinstance(version, int):
            self.refresh_from_db(fields=["session_version"])

    def end_sessions(self, spared_jti: str | None = None) -> set[str]:
        """Invalidate every token but the spared one, and close their sockets after commit.

        Returns the columns that the caller saves.
        """
        # Counted by the database: this instance may be older than a session that must end as well.
        self.session_version = models.F("session_version") + 1
        self.spared_jti = spared_jti
        announce = partial(publish.publish_session_end, self.login, spared_jti=spared_jti)
        transaction.on_commit(announce, robust=True)
        return {"session_version", "spared_jti"}


class Account(models.Model):
    """The trading account of a client; only the ledger changes its figures.

    Narrow on purpose: every trade locks and rewrites this row. `seq` is the `seq` of the
    account's last event (stream.md, section 5).
    """

    user = models.OneToOneField(
        User, models.PROTECT, primary_key=True, db_column="login", related_name="account"
    )
    group = models.ForeignKey(Group, models.PROTECT, related_name="accounts", db_index=False)
    leverage = models.PositiveIntegerField(validators=LEVERAGE)
    enable_read_only = models.BooleanField("read only", default=False)
    comment = models.CharField(max_length=128, blank=True)
    balance = MoneyField(editable=False)
    credit = MoneyField(editable=False)
    prevbalance = MoneyField(editable=False)
    prevmonthbalance = MoneyField(editable=False)
    seq = models.BigIntegerField(default=0, editable=False)
    margin_called = models.BooleanField(
        "the client was told of the margin call", default=False, editable=False
    )
    margin_seen = models.BigIntegerField(
        "number of the newest quote known when the margin was changed last",
        default=0,
        db_default=0,
        editable=False,
    )

    objects = AccountManager()

    class Meta:
        ordering: ClassVar = ["user"]
        permissions: ClassVar = [
            ("open_account", "Can open accounts for clients"),
            ("change_terms", "Can change an account's group and leverage"),
            ("manage_access", "Can shut clients out, end sessions and reset passwords"),
            ("move_money", "Can book deposits, withdrawals and credit"),
        ]
        indexes: ClassVar = [
            # A group's accounts in the order of the list. No figure may be in an index here: every
            # trade would write it.
            models.Index(fields=["group", "user"], name="account_of_group"),
            models.Index(
                fields=["user"], name="account_read_only", condition=Q(enable_read_only=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.user_id)

    @property
    def login(self) -> int:
        return self.user_id
