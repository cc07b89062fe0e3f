"""The errors of price alerts."""

from core.errors import Invalid, Refused


class InvalidTargetPrice(Invalid):
    code = "INVALID_TARGET_PRICE"
    default = "target_price: must be greater than 0 for this condition"


class InvalidChannel(Invalid):
    code = "INVALID_CHANNEL"
    default = "channel_low, channel_high: must be 0 or more, the low one below the high one"


class InvalidMoveThreshold(Invalid):
    code = "INVALID_MOVE_THRESHOLD"
    default = "move_threshold: must be greater than 0 for this condition"


class InvalidExpiresAt(Invalid):
    code = "INVALID_EXPIRES_AT"
    default = "expires_at: must be 0 or later than now"


class AlertLimitReached(Refused):
    code = "ALERT_LIMIT_REACHED"
    default = "there are as many active alerts as an account may have"


class ArchiveRefused(Refused):
    """Archiving would interfere with another run or overwrite another archive."""


class InvalidAddress(Invalid):
    default = 'value: must be an address, null, {"code": "…"} (email) or {"rotate": true} (webhook)'
