"""What an authorized client can ask for, by the `event` of its frame."""

from collections.abc import Awaitable, Callable

from realtime import wire
from realtime.frames import Frame, InvalidFrame, integer, names
from realtime.hub import Hub
from realtime.member import Member

MOST_SYMBOLS = 500  # per connection


async def perform(frame: Frame, hub: Hub, member: Member) -> None:
    """Carry out the frame.

    Raises:
        InvalidFrame: an unknown event, or fields that it does not take.
    """
    event = frame.get("event")
    action = ACTIONS.get(event) if isinstance(event, str) else None
    if action is None:
        raise InvalidFrame("the event is not known")
    await action(frame, hub, member)


async def switch(frame: Frame, hub: Hub, member: Member) -> None:
    """Confirm `account.switch`: a client session has one account."""
    data = frame.get("data")
    fields = data if isinstance(data, dict) else {"login": data}
    asked = (
        frame.get("active_login"),
        frame.get("login"),
        *map(fields.get, ("active_login", "login")),
    )
    login = next((integer(value, "login") for value in asked if value is not None), member.login)
    if login == member.login:
        member.outbox.put(wire.answer("account.switch", active_login=login))
    else:
        member.outbox.put(wire.refusal("account.switch", "PERMISSION_DENIED"))


async def subscribe(frame: Frame, hub: Hub, member: Member) -> None:
    """Send quotes of the named symbols from now on, the newest known ones at once."""
    found, rejected = await _symbols(frame, hub, member)
    accepted: list[str] = []
    for name, symbol in found.items():
        if symbol in member.symbols or len(member.symbols) < MOST_SYMBOLS:
            member.symbols.add(symbol)
            accepted.append(symbol)
        else:
            rejected.append(name)
    _answer(member, "subscribe", accepted, rejected)
    for symbol in accepted:
        hub.board.add(member.outbox, symbol)


async def unsubscribe(frame: Frame, hub: Hub, member: Member) -> None:
    """Send no more quotes of the named symbols."""
    found, rejected = await _symbols(frame, hub, member)
    for symbol in found.values():
        member.symbols.discard(symbol)
        hub.board.remove(member.outbox, symbol)
    _answer(member, "unsubscribe", list(found.values()), rejected)


async def resume(frame: Frame, hub: Hub, member: Member) -> None:
    """Send the events after `since`, and every later one with its number."""
    await member.follower.resume(integer(frame.get("since"), "since"))


async def _symbols(frame: Frame, hub: Hub, member: Member) -> tuple[dict[str, str], list[str]]:
    """Return name → symbol of those that the account's group sees, and the other names."""
    wanted = names(frame)
    known = await hub.board.resolve(wanted[:MOST_SYMBOLS])
    found = {name: symbol for name, symbol in known.items() if not member.hides(symbol)}
    return found, [name for name in wanted if name not in found]


def _answer(member: Member, event: str, symbols: list[str], rejected: list[str]) -> None:
    more = {"rejected": rejected} if rejected else {}
    member.outbox.put(wire.answer(event, data=list(dict.fromkeys(symbols)), **more))


ACTIONS: dict[str, Callable[[Frame, Hub, Member], Awaitable[None]]] = {
    "account.switch": switch,
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "resume": resume,
}
