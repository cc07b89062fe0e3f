"""Enums of symbols; the numbers are those of the contract (codes.md)."""

from django.db import models


class TradeMode(models.IntegerChoices):
    NO = 0, "no"
    CLOSE_ONLY = 1, "close only"
    FULL = 2, "full"


class ExecutionMode(models.IntegerChoices):
    REQUEST = 0, "request"
    INSTANT = 1, "instant"
    MARKET = 2, "market"


class ProfitMode(models.IntegerChoices):
    FOREX = 0, "forex"
    CFD = 1, "CFD"
    FUTURES = 2, "futures"


class MarginMode(models.IntegerChoices):
    FOREX = 0, "forex"
    CFD = 1, "CFD"
    FUTURES = 2, "futures"
    CFD_INDEX = 3, "CFD index"
    CFD_LEVERAGE = 4, "CFD leverage"


# What a margin mode takes into account (domain rules, section 2).
LEVERAGED_MODES = (MarginMode.FOREX, MarginMode.CFD_LEVERAGE)  # the account's leverage
PRICED_MODES = (MarginMode.CFD, MarginMode.CFD_LEVERAGE, MarginMode.CFD_INDEX)  # the price


class MarketState(models.IntegerChoices):
    CLOSED = 0, "closed"
    OPEN = 1, "open"


class MarketReason(models.IntegerChoices):
    NONE = 0, "none"
    HOLIDAY = 1, "holiday"
    WORK_TIME = 2, "work time closed"
    SESSION = 3, "symbol session closed"
    DISABLED = 4, "disabled"


class SwapType(models.IntegerChoices):
    """The unit of `swap_long` and `swap_short` (domain rules, section 4)."""

    POINTS = 0, "points"
    MONEY = 1, "money a lot"
    INTEREST = 2, "yearly interest on the day's mid"
    MARGIN_CURRENCY = 3, "money a lot in the margin currency"
    INTEREST_OPEN = 4, "yearly interest on the open price"
    INTEREST_CURRENT = 5, "yearly interest on the current price"


class Weekday(models.IntegerChoices):
    SUNDAY = 0, "Sunday"
    MONDAY = 1, "Monday"
    TUESDAY = 2, "Tuesday"
    WEDNESDAY = 3, "Wednesday"
    THURSDAY = 4, "Thursday"
    FRIDAY = 5, "Friday"
    SATURDAY = 6, "Saturday"


class CommissionType(models.IntegerChoices):
    MONEY = 0, "money"
    PIPS = 1, "pips"
    PERCENT = 2, "percent"


class CommissionPer(models.IntegerChoices):
    LOT = 0, "per lot"
    DEAL = 1, "per deal"


class Resolution(models.IntegerChoices):
    """Candle lengths that are built from ticks, in minutes; longer ones are aggregated."""

    MINUTE = 1, "1 minute"
    HOUR = 60, "1 hour"
    DAY = 1440, "1 day"


class Refusal(models.TextChoices):
    """Why a quote is not tradable. An old one is in the candles all the same."""

    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    BAD_PRICE = "BAD_PRICE"
    CROSSED = "CROSSED"
    OUT_OF_ORDER = "OUT_OF_ORDER"
    FILTERED = "FILTERED"
    HELD = "HELD"  # jumps from the last price before a silence, not yet confirmed
    OLD = "OLD"
