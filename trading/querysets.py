"""Reads of trades."""

from typing import TYPE_CHECKING

from django.db import models

from trading import enums

if TYPE_CHECKING:
    from trading.models import Trade  # noqa: F401 - named in a base class

CLOSED_STATES = (enums.State.CLOSED, enums.State.CLOSED_PART)


class TradeQuerySet(models.QuerySet["Trade"]):
    """Trades by what they are at the moment."""

    def live(self) -> "TradeQuerySet":
        """Positions and pendings."""
        return self.filter(state=enums.State.OPEN)

    def positions(self) -> "TradeQuerySet":
        """Open market trades."""
        return self.live().filter(cmd__in=enums.MARKET_CMDS)

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
