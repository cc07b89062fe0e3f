"""State of a symbol's quotes that are in doubt since the last accepted one."""


class JumpCandidate:
    """A quote that jumped, until enough further quotes agree with it."""

    __slots__ = ("agreeing", "mid")

    def __init__(self) -> None:
        self.mid = 0.0
        self.agreeing = 0  # quotes in a row: the one that jumped, and those that agree with it

    def confirm(self, mid: float, jump: float, needed: int) -> bool:
        """Count the quote; return True if `needed` ones already agreed with the jump.

        A quote further than `jump` (a share of the price) from the candidate replaces it:
        neither price is known to be right, so neither is judged by the other.
        """
        if not self.agreeing or abs(mid - self.mid) > jump * self.mid:
            self.mid, self.agreeing = mid, 0
        if self.agreeing >= needed:
            return True
        self.agreeing += 1
        return False


class OldQuotePrice:
    """The price that quotes too old to be traded have reached.

    They are compared with one another only: an old price says nothing about the present
    one.
    """

    __slots__ = ("candidate", "mid")

    def __init__(self, mid: float) -> None:
        self.mid = mid
        self.candidate = JumpCandidate()


class Doubt:
    """Begins with a start of the feed or a refused quote, and ends with an accepted one."""

    __slots__ = ("candidate", "old_price", "refused_since", "reopened", "reported", "resumed")

    def __init__(self) -> None:
        self.resumed = False  # the last known price is from before the feed's start
        self.reopened: bool | None = None  # the market was closed meanwhile; None: not checked yet
        self.candidate = JumpCandidate()
        self.old_price: OldQuotePrice | None = None
        self.refused_since = 0  # receipt of the first refused quote, unix ms
        self.reported = False  # staff see that all quotes are refused
