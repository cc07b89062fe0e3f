"""Enums of trades; the numbers are those of the contract (contract/codes.md)."""

from decimal import Decimal

from django.db import models


class Cmd(models.IntegerChoices):
    BUY = 0, "buy"
    SELL = 1, "sell"
    BUY_LIMIT = 2, "buy limit"
    SELL_LIMIT = 3, "sell limit"
    BUY_STOP = 4, "buy stop"
    SELL_STOP = 5, "sell stop"
    BALANCE_IN = 6, "balance in"
    CREDIT_IN = 7, "credit in"
    BALANCE_OUT = 8, "balance out"
    CREDIT_OUT = 9, "credit out"

    @property
    def direction(self) -> int:
        """Return +1 for the buying kinds, -1 for the selling kinds."""
        return -1 if self in (Cmd.SELL, Cmd.SELL_LIMIT, Cmd.SELL_STOP) else 1

    @property
    def position_cmd(self) -> "Cmd":
        """Return the cmd of the position that a pending order becomes."""
        return Cmd.BUY if self.direction > 0 else Cmd.SELL


DIRECTIONS: dict[int, int] = {cmd.value: cmd.direction for cmd in Cmd}  # for reads of many rows
MARKET_CMDS = (Cmd.BUY, Cmd.SELL)
PENDING_CMDS = (Cmd.BUY_LIMIT, Cmd.SELL_LIMIT, Cmd.BUY_STOP, Cmd.SELL_STOP)
LIMIT_CMDS = (Cmd.BUY_LIMIT, Cmd.SELL_LIMIT)
FINANCE_CMDS = (Cmd.BALANCE_IN, Cmd.CREDIT_IN, Cmd.BALANCE_OUT, Cmd.CREDIT_OUT)
CREDIT_CMDS = (Cmd.CREDIT_IN, Cmd.CREDIT_OUT)


class State(models.IntegerChoices):
    """States of a trade.

    Stored are OPEN, CLOSED, CLOSED_PART and DELETED; the others only acknowledge requests.
    """

    OPEN = 0, "open"
    OPEN_REQUESTED = 1, "open requested"
    CLOSED = 3, "closed"
    CLOSED_PART = 4, "closed part"
    DELETED = 6, "deleted"
    CLOSE_REQUESTED = 7, "close requested"
    CANCEL_REQUESTED = 9, "cancel requested"
    OPEN_UPDATE_REQUESTED = 14, "open update requested"
    PENDING_UPDATE_REQUESTED = 16, "pending update requested"
    PARTIAL_CLOSE_REQUESTED = 19, "partial close requested"


class Reason(models.IntegerChoices):
    CLIENT = 0, "client"
    EXPERT = 1, "expert"
    DEALER = 2, "dealer"
    SIGNAL = 3, "signal"
    GATEWAY = 4, "gateway"
    MOBILE = 5, "mobile"
    WEB = 6, "web"
    API = 7, "api"


class Activation(models.IntegerChoices):
    """What opened or closed a trade without a client's request."""

    NONE = 0, "none"
    STOP_LOSS = 1, "stop loss"
    TAKE_PROFIT = 2, "take profit"
    PENDING = 3, "pending"
    STOP_OUT = 4, "stop-out"
    CANCEL = 5, "cancel"


class TradeType(models.IntegerChoices):
    """The kinds of trades that `GET /trades` filters by."""

    ALL = 0, "all"
    OPEN = 1, "open"
    CLOSED = 2, "closed"
    PENDING = 3, "pending"
    FINANCE = 4, "finance"


class ProfitFilter(models.IntegerChoices):
    """The positions that `DELETE /trade/close/group` closes."""

    ALL = 0, "all"
    PROFITABLE = 1, "profitable"
    LOSING = -1, "losing"

    def includes(self, profit: Decimal) -> bool:
        """Return whether a position with this floating profit is meant; 0 is neither side."""
        return self is ProfitFilter.ALL or profit * self > 0


class LevelType(models.IntegerChoices):
    OK = 0, "ok"
    MARGIN_CALL = 1, "margin call"
    STOP_OUT = 2, "stop-out"
