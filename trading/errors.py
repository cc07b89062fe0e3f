"""Refusals of trading; clients match on their `code`."""

from core.errors import Denied, Invalid, NotFound, Refused


class TradeNotFound(NotFound):
    code = "RET_NOT_FOUND"
    default = "there is no such order"


class BadPrices(Invalid):
    code = "RET_TRADE_BAD_PRICES"
    default = "open_price is not possible"
    field = "open_price"


class BadStops(Invalid):
    code = "RET_TRADE_BAD_STOPS"
    default = "sl or tp is too close to the price"


class InvalidStops(Invalid):
    code = "RET_TRADE_INVALID_SL_TP"
    default = "sl or tp is on the wrong side of the price"


class BadVolume(Invalid):
    code = "RET_TRADE_BAD_VOLUME"
    default = "volume is not possible"
    field = "volume"


class TradeDisabled(Denied):
    code = "RET_TRADE_DISABLE"
    default = "trading is disabled"
    field = "symbol"


class ReadOnly(Denied):
    code = "RET_TRADE_READ_ONLY"
    default = "the account is read only"


class ModifyForeign(Denied):
    code = "MODIFY_TRADE_ERROR"
    default = "the order belongs to another login"


class NoMoney(Refused):
    code = "RET_TRADE_NO_MONEY"
    default = "the free margin does not suffice"
    field = "volume"


class Requote(Refused):
    code = "RET_TRADE_REQUOTE"
    default = "the price has changed"


class OrderLocked(Refused):
    code = "RET_TRADE_ORDER_LOCKED"
    default = "the price is inside the freeze level"


class LongOnly(Refused):
    code = "RET_TRADE_LONG_ONLY"
    default = "the symbol can only be bought"
    field = "cmd"


class TooManyOrders(Refused):
    code = "RET_TRADE_TOO_MANY_ORDERS"
    default = "the group's maximum of orders is reached"


class HedgeProhibited(Refused):
    code = "RET_TRADE_HEDGE_PROHIBITED"
    default = "the group does not allow opposite positions"
    field = "cmd"


class ProhibitedByFifo(Refused):
    code = "RET_TRADE_PROHIBITED_BY_FIFO"
    default = "an older position of the symbol must be closed first"


class ExpirationDenied(Invalid):
    code = "RET_TRADE_EXPIRATION_DENIED"
    default = "expiration is in the past"
    field = "expiration"


class IncorrectState(Invalid):
    code = "RET_TRADE_INCORRECT_STATE"
    default = "the order is already closed or cancelled"


class IncorrectCmd(Invalid):
    code = "RET_TRADE_INCORRECT_CMD"
    default = "cmd is not possible here"


class IncorrectPendingCmd(Refused):
    """The refusal of `/trade/open/pending`, to which the contract gives status 409."""

    code = "RET_TRADE_INCORRECT_CMD"
    default = "cmd must be a pending's: 2..5"


class WithdrawalRefused(Refused):
    code = "RET_TRADE_NO_MONEY"
    default = "the amount is more than what can be taken out"
    field = "amount"
