"""Reads of trades."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from trading import enums

if TYPE_CHECKING:
    from trading.models import Fill, Trade  # noqa: F401 - named in base classes

CLOSED_STATES = (enums.State.CLOSED, enums.State.CLOSED_PART)


class TradeQuerySet(models.QuerySet["Trade"]):
    """Trades by what they are at the moment."""

    def live(self) -> "TradeQuerySet":
        """Positions and pendings."""
        return self.filter(state=enums.State.OPEN)

    def positions(self) -> "TradeQuerySet":
        """Open market trades."""
        return self.live().filter(cmd__in=enums.MARKET_CMDS)

    def older_than(self, trade: "Trade") -> "TradeQuerySet":
        """The account's positions of the same symbol and side that were opened before it."""
        before = Q(open_time__lt=trade.open_time)
        before |= Q(open_time=trade.open_time, order__lt=trade.order)
        same = {"account": trade.account_id, "symbol": trade.symbol_id, "cmd": trade.cmd}
        return self.positions().filter(before, **same)

    def pendings(self) -> "TradeQuerySet":
        """Orders that wait for their price."""
        return self.live().filter(cmd__in=enums.PENDING_CMDS)

    def finance(self) -> "TradeQuerySet":
        """Deposits, withdrawals and credit."""
        return self.filter(cmd__in=enums.FINANCE_CMDS)

    def closed(self) -> "TradeQuerySet":
        """Closed positions and pieces, and pendings that were cancelled or expired."""
        states = (*CLOSED_STATES, enums.State.DELETED)
        return self.filter(state__in=states).exclude(cmd__in=enums.FINANCE_CMDS)

    def ended(self) -> "TradeQuerySet":
        """All that is not live: what `closed` and `finance` are together."""
        return self.exclude(state=enums.State.OPEN)

    def booked(self) -> "TradeQuerySet":
        """The rows whose amounts make the balance: closed trades and finance operations."""
        return self.filter(state__in=CLOSED_STATES)

    def open_at(self, moment: int) -> "TradeQuerySet":
        """The market trades that were open at a moment (unix seconds), not their closed parts."""
        later = Q(state=enums.State.CLOSED, close_time__gt=moment)
        return self.filter(
            Q(state=enums.State.OPEN) | later, cmd__in=enums.MARKET_CMDS, open_time__lte=moment
        )

    def of_type(self, trade_type: enums.TradeType) -> "TradeQuerySet":
        """The rows of one `tradeType` of the API."""
        match trade_type:
            case enums.TradeType.OPEN:
                return self.positions()
            case enums.TradeType.CLOSED:
                return self.closed()
            case enums.TradeType.PENDING:
                return self.pendings()
            case enums.TradeType.FINANCE:
                return self.finance()
        return self


class FillQuerySet(models.QuerySet["Fill"]):
    """The evidence of fills."""

    def without_quotes(self) -> "FillQuerySet":
        """Those that lack the quotes around them, oldest first, with their trades."""
        return self.filter(around=[]).select_related("trade").order_by("id")
