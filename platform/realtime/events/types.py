"""Events and their wire arrays (stream.md, section 3); a section has its own in its `events`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum, StrEnum
from functools import cache
from operator import attrgetter
from typing import ClassVar

from core.clock import now

WireArray = list[int | float | str | Mapping[str, object] | None]
EventValue = int | float | str | Decimal | Mapping[str, object] | None


FIGURES = ("b", "o")  # letters of the events of orders and money


class EventCode(IntEnum):
    """What happened to the event's object; the contract's `code`."""

    ADD = 0
    UPDATE = 1
    DELETE = 2
    RESTORE = 3
    ARCHIVE = 4
    ACTIVATE = 5
    CLOSE = 6
    REJECT = 7


class NotificationLevel(IntEnum):
    """How much a notification matters; the contract's `level`."""

    INFO = 10
    WARNING = 20
    ERROR = 30


class NotificationStatus(IntEnum):
    """Whether the client has read a notification; the contract's `status`."""

    WAITING = 0
    READ = 2


class NotificationType(IntEnum):
    """What a notification is about; its token begins with the name."""

    MARGIN_CALL = 1
    STOP_OUT = 2
    ACCOUNT_TERMS = 3
    TRADING_RIGHTS = 4
    ALERTS_DISABLED = 5
    ADDRESS_VERIFIED = 6
    ADDRESS_OFF = 7
    LIVE_DATA = 8


class StreamEvent:
    """The base of all events; one goes out as `[letter, *fields in their order]`."""

    letter: ClassVar[str]
    __match_args__: ClassVar[tuple[str, ...]]  # every subclass is a dataclass: its fields in order

    def numbered(self, seq: int) -> "StreamEvent":
        """Return the event as the one of this seq in its account's log."""
        return self

    def as_wire(self) -> WireArray:
        """Return the array that the client sees; decimals become JSON numbers."""
        fields = values_of(self.__match_args__)(self)
        return [self.letter, *[float(f) if isinstance(f, Decimal) else f for f in fields]]


@cache
def values_of(fields: tuple[str, ...]) -> Callable[[object], tuple[EventValue, ...]]:
    """Return what reads these fields of an event."""
    return attrgetter(*fields)


@dataclass(frozen=True, slots=True)
class NotificationEvent(StreamEvent):
    """A message to the client; `data` has what it is about.

    The token names type and event, so that a client knows what it has seen already.
    """

    letter: ClassVar[str] = "n"
    message: str
    description: str
    token: str
    status: int
    level: int
    user_id: int
    create_time: int
    data: Mapping[str, object]
    code: int

    @classmethod
    def for_login(
        cls,
        login: int,
        about: NotificationType,
        texts: tuple[str, str],
        level: NotificationLevel,
        **data: object,
    ) -> "NotificationEvent":
        """Return a new, unread message to the client; `texts` are its title and its body."""
        values = {name: float(v) if isinstance(v, Decimal) else v for name, v in data.items()}
        unread = NotificationStatus.WAITING
        return cls(*texts, about.name, unread, level, login, now(), values, EventCode.ADD)

    def numbered(self, seq: int) -> "NotificationEvent":
        return replace(self, token=f"{self.token}:{seq}")


class StoredKind(StrEnum):
    """What a client stores here."""

    SETTING = "setting"
    WATCH = "watch"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class StoredItemEvent(StreamEvent):
    """Something that the client stores was changed: another of its devices reads it again."""

    letter: ClassVar[str] = "s"
    kind: str
    key: str
    code: int


def is_for_numbered_only(event: object) -> bool:
    """Check whether sessions without `resume`, as in the public contract, do not get the event."""
    match event:
        case ["s", *_]:
            return True
        case ["a", *_, code]:
            return code != EventCode.ACTIVATE
    return False


def has_figures(event: object) -> bool:
    """Check whether the event's change is one of orders or money."""
    return isinstance(event, list) and event[0] in FIGURES


def changes_terms(event: object) -> bool:
    """Check whether the event notifies the client of another group or leverage."""
    match event:
        case ["n", _, _, str(token), *_]:
            return token.partition(":")[0] == NotificationType.ACCOUNT_TERMS.name
    return False


def number_events(events: Sequence[StreamEvent], first: int) -> list[StreamEvent]:
    """Return the events as those of the seqs `first`, `first`+1, …"""
    return [event.numbered(seq) for seq, event in enumerate(events, first)]
