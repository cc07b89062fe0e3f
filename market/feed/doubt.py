"""State of a symbol's quotes that are in doubt since the last accepted one."""


class Candidate:
    """A quote that jumped, until enough further quotes agree with it."""

    __slots__ = ("mid", "seen")

    def __init__(self) -> None:
        self.mid = 0.0
        self.seen = 0  # quotes in a row: the one that jumped, and those that agree with it

    def confirmed(self, mid: float, jump: float, needed: int) -> bool:
        """Count the quote; return True if `needed` ones already agreed with the jump.

        A quote further than `jump` (a share of the price) from the candidate replaces it:
        neither price is known to be right, so neither is judged by the other.
        """
        if not self.seen or abs(mid - self.mid) > jump * self.mid:
            self.mid, self.seen = mid, 0
        if self.seen >= needed:
            return True
        self.seen += 1
        return False


class Past:
    """The price that quotes too old to be traded have reached.

    They are compared with one another only: an old price says nothing about the present
    one.
    """

    __slots__ = ("candidate", "mid")

    def __init__(self, mid: float) -> None:
        self.mid = mid
        self.candidate = Candidate()


class Doubt:
    """Begins with a start of the feed or a refused quote, and ends with an accepted one."""

    __slots__ = ("candidate", "named", "past", "reopened", "resumed", "since")

    def __init__(self) -> None:
        self.resumed = False  # the last known price is from before the feed's start
        self.reopened: bool | None = None  # the market was closed meanwhile; None: not checked yet
        self.candidate = Candidate()
        self.past: Past | None = None
        self.since = 0  # receipt of the first refused quote, unix ms
        self.named = False  # staff see that all quotes are refused
