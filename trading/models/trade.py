"""Trades: positions, pending orders and finance operations."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Account, User
from core.fields import MoneyField, PriceField
from market.models import Symbol
from trading import enums
from trading.querysets import TradeQuerySet

LIVE = Q(state=enums.State.OPEN)
PENDING = Q(state=enums.State.OPEN, cmd__in=enums.PENDING_CMDS)
ENDED = Q(close_time__gt=0)
HAS_PARENT, CORRECTS = Q(parent__isnull=False), Q(corrects__isnull=False)


class Trade(models.Model):
    """One order from its request to its end. Times are unix seconds, volumes minimal lots.

    `seen` is the sequence number of the quote that the order was priced with or, once it
    has ended, of the quote that closed it; `sl_seen` and `tp_seen` are those of the quotes
    at which the levels were set: only later quotes trigger. `revision` grows with every
    change, so that the engine's book recognises outdated updates. Finance rows (cmd 6..9)
    carry their signed amount in `profit`.

    `open_markup` is what the group's mark-up made the open price worse for the client, in the
    price; `markup` what both sides of a closed row earned the broker by it, in the account's
    currency. It is part of the prices and so of the profit, never of the balance by itself.
    """

    order = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(
        Account, models.PROTECT, db_column="login", related_name="trades", db_index=False
    )
    symbol = models.ForeignKey(
        Symbol, models.PROTECT, db_column="symbol", related_name="+", null=True, db_index=False
    )
    cmd = models.IntegerField(choices=enums.Cmd)
    state = models.IntegerField(choices=enums.State, default=enums.State.OPEN)
    reason = models.IntegerField(choices=enums.Reason, default=enums.Reason.CLIENT)
    activation = models.IntegerField(choices=enums.Activation, default=enums.Activation.NONE)
    volume = models.BigIntegerField(default=0)
    closed_volume = models.BigIntegerField(default=0)
    open_time = models.BigIntegerField()
    close_time = models.BigIntegerField(default=0)
    expiration = models.BigIntegerField(default=0)
    open_price = PriceField()
    close_price = PriceField()
    sl = PriceField()
    tp = PriceField()
    profit = MoneyField()
    commission = MoneyField()
    storage = MoneyField()
    margin_rate = models.DecimalField(
        "rate of the margin's currency at the open", max_digits=24, decimal_places=12, default=1
    )
    digits = models.PositiveSmallIntegerField(default=2)
    comment = models.CharField(max_length=128, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        db_column="parent_order",
        null=True,
        related_name="pieces",
        db_index=False,
    )
    seen = models.BigIntegerField(default=0)
    sl_seen = models.BigIntegerField(default=0)
    tp_seen = models.BigIntegerField(default=0)
    realized = models.DecimalField(
        "unrounded profit of the closed parts", max_digits=40, decimal_places=20, default=0
    )
    open_markup = PriceField("mark-up in the open price", db_default=0)
    markup = MoneyField("mark-up earned", db_default=0)
    realized_markup = models.DecimalField(
        "unrounded mark-up of the closed parts",
        max_digits=40,
        decimal_places=20,
        default=0,
        db_default=0,
    )
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        db_column="corrects_order",
        null=True,
        related_name="corrections",
        db_index=False,
    )
    staff = models.ForeignKey(
        User, models.PROTECT, db_column="staff", null=True, related_name="+", db_index=False
    )
    waiting = models.BooleanField("an activation was put off", default=False)
    revision = models.PositiveIntegerField(default=1)

    objects = TradeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-order"]
        permissions: ClassVar = [
            ("deal", "Can open, close, modify and cancel for clients"),
            ("correct", "Can correct and reverse what was booked"),
            ("view_report", "Can view the broker's result and take it away"),
            ("view_statement", "Can make clients' statements and send them"),
        ]
        indexes: ClassVar = [
            # The account's live trades, which every request and every figure reads.
            models.Index(fields=["account"], name="trade_live", condition=LIVE),
            # The history by close time, and the list by open time.
            models.Index(fields=["account", "close_time"], name="trade_history"),
            models.Index(fields=["account", "open_time"], name="trade_by_open_time"),
            # Exposure by symbol over the live trades.
            models.Index(fields=["symbol"], name="trade_live_symbol", condition=LIVE),
            # Deposits and withdrawals by day, whatever the accounts.
            models.Index(
                fields=["open_time"],
                name="trade_finance",
                condition=Q(cmd__in=enums.FINANCE_CMDS),
                include=["account", "cmd", "profit", "corrects"],
            ),
            # A client's deposits and withdrawals among many trades.
            models.Index(
                fields=["account", "open_time"],
                name="trade_finance_of_login",
                condition=Q(cmd__in=enums.FINANCE_CMDS),
            ),
            # Few rows have a parent or correct another: the others cost these indexes nothing.
            models.Index(fields=["parent"], name="trade_pieces", condition=HAS_PARENT),
            models.Index(fields=["corrects"], name="trade_corrections", condition=CORRECTS),
            # The lists of the backoffice, over all accounts. Only the first two cost something at
            # every open; values that most rows have (buy, sell, closed) need none: the primary
            # key finds such rows at once.
            models.Index(fields=["symbol", "-order"], name="trade_by_symbol"),
            models.Index(fields=["open_time", "order"], name="trade_by_opening"),
            models.Index(fields=["close_time", "order"], name="trade_by_close", condition=ENDED),
            models.Index(fields=["cmd", "-order"], name="trade_by_cmd", condition=Q(cmd__gt=1)),
            models.Index(fields=["-order"], name="trade_live_by_order", condition=LIVE),
            models.Index(fields=["-order"], name="trade_pending", condition=PENDING),
            models.Index(
                fields=["state", "-order"], name="trade_by_state", condition=Q(state__gt=3)
            ),
            models.Index(
                fields=["activation", "-order"],
                name="trade_by_activation",
                condition=Q(activation__gt=0),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(symbol__isnull=False) | Q(cmd__in=enums.FINANCE_CMDS),
                name="only_finance_has_no_symbol",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.order}"

    @property
    def kind(self) -> enums.Cmd:
        """Return `cmd` as a member of the enum."""
        return enums.Cmd(self.cmd)

    @property
    def direction(self) -> int:
        """Return d of the formulas: +1 long, -1 short."""
        return self.kind.direction

    @property
    def instrument(self) -> Symbol:
        """Return the symbol.

        Raises:
            ValueError: the trade is a finance operation; only these have no symbol.
        """
        if self.symbol is None:
            raise ValueError(f"order {self.order} is a finance operation")
        return self.symbol

    @property
    def is_position(self) -> bool:
        return self.state == enums.State.OPEN and self.cmd in enums.MARKET_CMDS

    @property
    def is_pending(self) -> bool:
        return self.state == enums.State.OPEN and self.cmd in enums.PENDING_CMDS
