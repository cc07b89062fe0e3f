"""The first frame: from a token to an authorized connection."""

from core.errors import BrokerError, Unauthenticated
from core.session_tokens import SessionToken
from core.users import Account
from realtime.errors import InvalidToken, UnsupportedSession
from realtime.events.event_log import newest_figures_seq
from realtime.stream import server_frames
from realtime.stream.connection import StreamConnection
from realtime.stream.database import run_query
from realtime.stream.hub import Hub
from realtime.stream.outbox import Outbox


async def authorize_socket(raw: object, outbox: Outbox) -> tuple[Hub, StreamConnection]:
    """Add the socket to the hub as a connection and answer the client.

    The channel is subscribed before the session and the account's seq are read: what
    happens in between is then announced to this socket.

    Raises:
        InvalidToken: the token is malformed, expired or revoked, or the user disabled.
        UnsupportedSession: it is a staff session.
    """
    connection = StreamConnection(_read_token(raw), outbox)
    hub = Hub.of_running_loop()
    try:
        await hub.join(connection)
        account = await _load_account(connection)
        await hub.prices.ensure_loaded()
        figures = await run_query(newest_figures_seq, connection.login, account.seq)
        outbox.put(server_frames.answer_frame("authorization"))
        hub.activate(connection, account.seq, figures)
    except BaseException:
        connection.stop()
        hub.leave(connection)
        raise
    return hub, connection


def _read_token(raw: object) -> SessionToken:
    try:
        return SessionToken.read(raw if isinstance(raw, str) else "")
    except Unauthenticated:
        raise InvalidToken from None


async def _load_account(connection: StreamConnection) -> Account:
    try:
        account = await connection.load_account()
    except BrokerError:
        raise InvalidToken from None
    if account is None:
        raise UnsupportedSession
    return account
