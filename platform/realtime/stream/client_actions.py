"""What an authorized client can ask for, by the `event` of its frame."""

from collections.abc import Awaitable, Callable

from realtime.stream import server_frames
from realtime.stream.client_frames import ClientFrame, InvalidFrame, parse_integer, symbol_names
from realtime.stream.connection import StreamConnection
from realtime.stream.hub import Hub

MOST_SYMBOLS = 500  # per connection


async def perform_action(frame: ClientFrame, hub: Hub, connection: StreamConnection) -> None:
    """Carry out the frame.

    Raises:
        InvalidFrame: an unknown event, or fields that it does not take.
    """
    event = frame.get("event")
    action = ACTIONS.get(event) if isinstance(event, str) else None
    if action is None:
        raise InvalidFrame("the event is not known")
    await action(frame, hub, connection)


async def switch_account(frame: ClientFrame, hub: Hub, connection: StreamConnection) -> None:
    """Confirm `account.switch`: a client session has one account."""
    data = frame.get("data")
    fields = data if isinstance(data, dict) else {"login": data}
    asked = (
        frame.get("active_login"),
        frame.get("login"),
        *map(fields.get, ("active_login", "login")),
    )
    login = next(
        (parse_integer(value, "login") for value in asked if value is not None), connection.login
    )
    if login == connection.login:
        connection.outbox.put(server_frames.answer_frame("account.switch", active_login=login))
    else:
        connection.outbox.put(server_frames.refusal_frame("account.switch", "PERMISSION_DENIED"))


async def subscribe_symbols(frame: ClientFrame, hub: Hub, connection: StreamConnection) -> None:
    """Send quotes of the named symbols from now on, the newest known ones at once."""
    found, rejected = await _find_symbols(frame, hub, connection)
    accepted: list[str] = []
    for name, symbol in found.items():
        if symbol in connection.symbols or len(connection.symbols) < MOST_SYMBOLS:
            connection.symbols.setdefault(symbol, None)
            accepted.append(symbol)
        else:
            rejected.append(name)
    _put_answer(connection, "subscribe", accepted, rejected)
    for symbol in dict.fromkeys(accepted):
        hub.show_symbol(connection, symbol)


async def unsubscribe_symbols(frame: ClientFrame, hub: Hub, connection: StreamConnection) -> None:
    """Send no more quotes of the named symbols."""
    found, rejected = await _find_symbols(frame, hub, connection)
    for symbol in found.values():
        hub.hide_symbol(connection, symbol)
    _put_answer(connection, "unsubscribe", list(found.values()), rejected)


async def resume_events(frame: ClientFrame, hub: Hub, connection: StreamConnection) -> None:
    """Send the events after `since`, and every later one with its number."""
    await connection.cursor.resume(parse_integer(frame.get("since"), "since"))


async def _find_symbols(
    frame: ClientFrame, hub: Hub, connection: StreamConnection
) -> tuple[dict[str, str], list[str]]:
    """Return name → symbol of those that the account's group sees, and the other names."""
    wanted = symbol_names(frame)
    existing = await hub.board.resolve_names(wanted[:MOST_SYMBOLS])
    found = {name: symbol for name, symbol in existing.items() if not connection.hides(symbol)}
    return found, [name for name in wanted if name not in found]


def _put_answer(
    connection: StreamConnection, event: str, symbols: list[str], rejected: list[str]
) -> None:
    extras = {"rejected": rejected} if rejected else {}
    connection.outbox.put(
        server_frames.answer_frame(event, data=list(dict.fromkeys(symbols)), **extras)
    )


ACTIONS: dict[str, Callable[[ClientFrame, Hub, StreamConnection], Awaitable[None]]] = {
    "account.switch": switch_account,
    "subscribe": subscribe_symbols,
    "unsubscribe": unsubscribe_symbols,
    "resume": resume_events,
}
