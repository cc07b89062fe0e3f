"""Query sets of trades and fills."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from trading import enums

if TYPE_CHECKING:
    from trading.models import Fill, Trade  # noqa: F401 - named in base classes

CLOSED_STATES = (enums.State.CLOSED, enums.State.CLOSED_PART)


class TradeQuerySet(models.QuerySet["Trade"]):
    """Filters of trades by kind and state."""

    def live(self) -> "TradeQuerySet":
        """Filter to open positions and pending orders."""
        return self.filter(state=enums.State.OPEN)

    def positions(self) -> "TradeQuerySet":
        """Filter to open market trades."""
        return self.live().filter(cmd__in=enums.MARKET_CMDS)

    def pendings(self) -> "TradeQuerySet":
        """Filter to orders that wait for their price."""
        return self.live().filter(cmd__in=enums.PENDING_CMDS)

    def finance_operations(self) -> "TradeQuerySet":
        """Filter to deposits, withdrawals and credit operations."""
        return self.filter(cmd__in=enums.FINANCE_CMDS)

    def closed(self) -> "TradeQuerySet":
        """Filter to closed positions, partial closes, and cancelled or expired pendings."""
        states = (*CLOSED_STATES, enums.State.DELETED)
        return self.filter(state__in=states).exclude(cmd__in=enums.FINANCE_CMDS)

    def ended(self) -> "TradeQuerySet":
        """Filter to everything that is not live: `closed` and `finance_operations` together."""
        return self.exclude(state=enums.State.OPEN)

    def booked(self) -> "TradeQuerySet":
        """Filter to the rows that make up the balance: closed trades and finance operations."""
        return self.filter(state__in=CLOSED_STATES)

    def open_at(self, time: int) -> "TradeQuerySet":
        """Filter to market trades open at `time` (unix seconds), without their closed parts."""
        later = Q(state=enums.State.CLOSED, close_time__gt=time)
        return self.filter(
            Q(state=enums.State.OPEN) | later, cmd__in=enums.MARKET_CMDS, open_time__lte=time
        )

    def of_type(self, trade_type: enums.TradeType) -> "TradeQuerySet":
        """Filter to the rows of one `tradeType` of the API."""
        match trade_type:
            case enums.TradeType.OPEN:
                return self.positions()
            case enums.TradeType.CLOSED:
                return self.closed()
            case enums.TradeType.PENDING:
                return self.pendings()
            case enums.TradeType.FINANCE:
                return self.finance_operations()
        return self


class FillQuerySet(models.QuerySet["Fill"]):
    """Filters of fills."""

    def without_quotes(self) -> "FillQuerySet":
        """Filter to fills that lack the quotes around them, oldest first, with their trades."""
        return self.filter(around=[]).select_related("trade").order_by("id")
