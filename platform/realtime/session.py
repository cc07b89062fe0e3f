"""The first frame: from a token to an authorized socket."""

from channels.db import database_sync_to_async

from api.tokens import SessionToken
from core.errors import BrokerError, Denied, Unauthenticated
from realtime import log as events
from realtime import wire
from realtime.hub import Hub
from realtime.member import Member
from realtime.outbox import Outbox


class InvalidToken(Unauthenticated):
    """The token is no valid session's."""

    code = "INVALID_TOKEN"


class UnsupportedSession(Denied):
    """A staff session has no account to follow."""

    code = "UNSUPPORTED_SESSION"


async def authorize(raw: object, outbox: Outbox) -> tuple[Hub, Member]:
    """The socket as a member of the hub; the client has its answer.

    The channel is subscribed before the session is checked and the log is read: what happens
    in between is then announced to this socket.

    Raises:
        InvalidToken: the token is malformed, expired or revoked, or the user disabled.
        UnsupportedSession: it is a staff session.
    """
    member = Member(_token(raw), outbox)
    hub = Hub.current()
    try:
        await hub.join(member)
        await _check(member)
        newest = await database_sync_to_async(events.newest)([member.login])
        outbox.put(wire.answer("authorization"))
        hub.admit(member, newest[member.login])
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


async def _check(member: Member) -> None:
    try:
        user = await member.user()
    except BrokerError:
        raise InvalidToken from None
    account = getattr(user, "account", None)
    if user.is_staff or account is None:
        raise UnsupportedSession
    member.hides = account.group.hides
