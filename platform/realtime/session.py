"""The first frame: from a token to an authorized connection."""

from typing import Any

from core.errors import BrokerError, Denied, Unauthenticated
from core.session_tokens import SessionToken
from realtime import wire
from realtime.hub import Hub
from realtime.member import Member
from realtime.outbox import Outbox


class InvalidToken(Unauthenticated):
    """The token belongs to no valid session."""

    code = "INVALID_TOKEN"


class UnsupportedSession(Denied):
    """A staff session has no account to follow."""

    code = "UNSUPPORTED_SESSION"


async def authorize(raw: object, outbox: Outbox) -> tuple[Hub, Member]:
    """Add the socket to the hub as a connection and answer the client.

    The channel is subscribed before the session and the account's seq are read: what
    happens in between is then announced to this socket.

    Raises:
        InvalidToken: the token is malformed, expired or revoked, or the user disabled.
        UnsupportedSession: it is a staff session.
    """
    member = Member(_token(raw), outbox)
    hub = Hub.current()
    try:
        await hub.join(member)
        account = await _account(member)
        outbox.put(wire.answer("authorization"))
        hub.admit(member, account.seq)
    except BaseException:
        member.stop()
        hub.leave(member)
        raise
    return hub, member


def _token(raw: object) -> SessionToken:
    try:
        return SessionToken.read(raw if isinstance(raw, str) else "")
    except Unauthenticated:
        raise InvalidToken from None


async def _account(member: Member) -> Any:
    try:
        account = await member.account()
    except BrokerError:
        raise InvalidToken from None
    if account is None:
        raise UnsupportedSession
    return account
