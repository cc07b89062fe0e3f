"""Enums of accounts and their groups; the numbers are the contract's (codes.md)."""

from django.db import models


class SessionType(models.IntegerChoices):
    USER = 0, "user"
    MANAGER = 1, "manager"
    DEALER = 2, "dealer"
    ADMIN = 3, "admin"


class FloatingMode(models.IntegerChoices):
    """The part of the floating profit that counts in the free margin (group `margin_mode`)."""

    NONE = 0, "none"
    ALL = 1, "all"
    PROFIT = 2, "only profit"
    LOSS = 3, "only loss"


class LevelUnit(models.IntegerChoices):
    """The unit of the margin call and stop-out levels (group `margin_type`)."""

    PERCENT = 0, "percent of used margin"
    MONEY = 1, "account currency"


class RateMode(models.TextChoices):
    """The conversion rate of used margin (group `margin_rate_mode`)."""

    OPEN = "open", "the rate of the trade's open"
    MID = "mid", "re-valued at mid with every quote"


class Conversion(models.TextChoices):
    """The price at which amounts are converted (group `conversion`)."""

    BY_SIGN = "by_sign", "a gain is sold, a loss is bought"
    MID = "mid", "at the middle of bid and ask"


class ConversionPrices(models.TextChoices):
    """The prices that amounts are converted at (group `conversion_prices`)."""

    MARKET = "market", "the market's own"
    OWN = "own", "those that the group sees"


class GapRule(models.TextChoices):
    """The fill price of limits and take profits after a gap (group `gap_rule`)."""

    LIMIT = "limit", "limits and take profits fill at their price"
    MARKET = "market", "limits and take profits fill at the better market price"


class HedgeMargin(models.TextChoices):
    """The margin of opposite positions in one symbol (domain rules, section 2)."""

    LARGER_LEG = "larger_leg", "the larger leg"
    ZERO = "zero", "only the uncovered part"
    HALF_EACH = "half_each", "half of each leg's covered part"
    CONTRACT = "contract", "the covered pair on the symbol's hedged contract"
    SUM = "sum", "both legs in full"


class HedgePrice(models.TextChoices):
    """The open prices by which the margin of opposite positions is computed."""

    LEG = "leg", "each leg at its own opens"
    ALL = "all", "both legs at the average of all opens"


class StopOutOrder(models.TextChoices):
    """Which position a stop-out closes first; after each one the level is checked again."""

    LARGEST_LOSS = "largest_loss", "the largest loss"
    MOST_MARGIN = "most_margin", "the most margin"
    PARTIAL = "partial", "just enough of the position with the most margin"


class AccountMode(models.TextChoices):
    DEMO = "DEMO", "demo"
    REAL = "REAL", "real"
