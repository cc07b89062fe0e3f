"""Every frame of the stream, field by field: from the events' own classes where there are any."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import get_type_hints

from api.schema.meanings import (
    COMMON_MEANINGS,
    FieldMeanings,
    FieldSchema,
    integer,
    number,
    text,
    unix_time,
)
from config.reference.codes import section_modules
from core.sections import list_configs, load_contribution
from realtime.events.types import EventCode, StreamEvent

JSON_TYPES = {int: "integer", str: "string", Decimal: "number", float: "number"}
CODE = integer(
    "what happened: " + ", ".join(f"{one.value} {one.name.lower()}" for one in EventCode)
)
NOTIFICATION_FIELDS: FieldMeanings = {
    "message": text("the title"),
    "description": text("the text"),
    "token": text("TYPE:SEQ: what it is about, and of which event of the account"),
    "status": integer("0: not read yet"),
    "level": integer("10 info, 20 warning, 30 error"),
    "user_id": integer("the login"),
    "create_time": unix_time("when it was written"),
    "data": {"type": "object", "description": "what it is about, by its type"},
}
STORED_FIELDS: FieldMeanings = {
    "kind": text("setting, watch or script"),
    "key": text("prefix/name or prefix of settings, the symbol, the script's id"),
}
QUOTE_FIELDS: FieldMeanings = {
    "symbol": text("the symbol's name"),
    "bid": number("what clients sell at"),
    "ask": number("what clients buy at"),
    "ctm": unix_time("of the quote's source"),
}
HEARTBEAT_FIELDS: FieldMeanings = {
    "seq": integer("the account's last event"),
    "ctm": unix_time("of the newest quote"),
}
# Of each letter its title and what it is for, in the order of the contract.
SUMMARIES = {
    "t": ("quote", "A quote of a subscribed symbol; lossy."),
    "b": ("balance", "The account's figures, after a change or as they float."),
    "o": ("trade", "An order or a finance operation; tp stands before sl."),
    "a": ("alert", "A price alert that fired; its other changes after resume only."),
    "s": ("stored", "Something that the client stores was changed; after resume only."),
    "n": ("notification", "A message to the client."),
    "h": ("heartbeat", "Every 5 s after resume."),
}


@dataclass(frozen=True, slots=True)
class ArrayFrame:
    """An array that the server sends: its letter, what it tells, and its fields in order."""

    letter: str
    title: str
    summary: str
    fields: Sequence[tuple[str, FieldSchema]]


@dataclass(frozen=True, slots=True)
class ObjectFrame:
    """An object that client or server sends, by an example; `sender` is client or server."""

    name: str
    sender: str
    summary: str
    example: dict[str, object]


def event_fields(
    event: type[StreamEvent], meanings: FieldMeanings
) -> Iterator[tuple[str, FieldSchema]]:
    """Yield the event's fields in the order of the wire, with their types and meanings."""
    hints = get_type_hints(event)
    for name in event.__match_args__:
        kind = {"type": JSON_TYPES.get(hints[name], "object")}
        meaning = CODE if name == "code" else {**COMMON_MEANINGS, **meanings}.get(name, {})
        yield name, {**kind, **{key: value for key, value in meaning.items() if key != "type"}}


def section_meanings(app: str) -> FieldMeanings:
    """Return the meanings of the names that the section of this app declares."""
    for config in list_configs():
        if config.name == app and config.field_meanings:
            found: FieldMeanings = load_contribution(config, "field_meanings")
            return found
    return {**NOTIFICATION_FIELDS, **STORED_FIELDS}


def array_frames() -> list[ArrayFrame]:
    """Return the arrays of the stream; events that the sections define among them."""
    section_modules("events")
    events = {event.letter: event for event in StreamEvent.__subclasses__()}
    frames = [ArrayFrame("t", *SUMMARIES["t"], [*QUOTE_FIELDS.items()])]
    for letter in sorted(events, key=[*SUMMARIES].index):
        meanings = section_meanings(events[letter].__module__.partition(".")[0])
        fields = [*event_fields(events[letter], meanings)]
        frames.append(ArrayFrame(letter, *SUMMARIES[letter], fields))
    return [*frames, ArrayFrame("h", *SUMMARIES["h"], [*HEARTBEAT_FIELDS.items()])]


OBJECT_FRAMES = (
    ObjectFrame("authorize", "client", "The first frame, within 10 s.", {"authorization": "<JWT>"}),
    ObjectFrame(
        "subscribe",
        "client",
        "Quotes of these symbols from now on; unsubscribe likewise.",
        {"event": "subscribe", "data": ["EURUSD"]},
    ),
    ObjectFrame(
        "resume",
        "client",
        "The events after `since`, and numbered ones from now on.",
        {"event": "resume", "since": 41},
    ),
    ObjectFrame(
        "switchAccount",
        "client",
        "A client's session has one account.",
        {"event": "account.switch", "active_login": 100001},
    ),
    ObjectFrame(
        "answer",
        "server",
        "Done, or refused with `success` false and `error`.",
        {"event": "authorization", "success": True},
    ),
    ObjectFrame("numbered", "server", "An event after resume.", {"seq": 42, "event": ["n", "…"]}),
    ObjectFrame(
        "resync", "server", "`since` is not kept any more: reload by REST.", {"event": "resync"}
    ),
    ObjectFrame(
        "error",
        "server",
        "A frame could not be understood.",
        {"event": "error", "error": "INVALID_DATA", "message": "…"},
    ),
)
