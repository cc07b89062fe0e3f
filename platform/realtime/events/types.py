"""Events and their wire arrays (stream.md, section 3); a section has its own in its `events`."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import ClassVar

from core.clock import now

WAITING = 0  # codes.md: status of a notification
WireArray = list[int | float | str | None]


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


class StreamEvent:
    """The base of all events; one goes out as `[letter, *fields in their order]`."""

    letter: ClassVar[str]
    __match_args__: ClassVar[tuple[str, ...]]  # every subclass is a dataclass: its fields in order

    def as_wire(self) -> WireArray:
        """Return the array that the client sees; decimals become JSON numbers."""
        fields = [getattr(self, name) for name in self.__match_args__]
        return [self.letter, *(float(f) if isinstance(f, Decimal) else f for f in fields)]


@dataclass(frozen=True, slots=True)
class NotificationEvent(StreamEvent):
    """A message to the client; the optional `data` of the contract is left out."""

    letter: ClassVar[str] = "n"
    message: str
    description: str
    token: str
    status: int
    level: int
    user_id: int
    create_time: int
    code: int

    @classmethod
    def for_login(
        cls, login: int, message: str, description: str, level: NotificationLevel
    ) -> "NotificationEvent":
        """Return a new, unread message to the client."""
        return cls(message, description, "", WAITING, level, login, now(), EventCode.ADD)
