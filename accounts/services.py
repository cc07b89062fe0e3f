"""Signing in and out."""

from datetime import UTC, datetime

from accounts.errors import GroupNotFound, UserDisabled, UserNotFoundOrIncorrect
from accounts.models import RevokedToken, User
from api.tokens import SessionToken
from core.locks import transactional
from realtime import publish


def sign_in(*, login: int, password: str) -> tuple[User, SessionToken]:
    """The user and a new token.

    Raises:
        UserNotFoundOrIncorrect: one answer, in the same time, for unknown login and wrong password.
        UserDisabled, GroupNotFound: only told to who knows the password.
    """
    user = User.objects.select_related("account__group").filter(login=login).first()
    if user is None:
        User().set_password(password)  # hashes as long as a check would take
        raise UserNotFoundOrIncorrect
    if not user.check_password(password):
        raise UserNotFoundOrIncorrect
    if not user.enable:
        raise UserDisabled
    if not user.is_staff and not hasattr(user, "account"):
        raise GroupNotFound
    return user, SessionToken.issue(user.login, user.type, user.session_version)


@transactional
def sign_out(*, token: SessionToken) -> None:
    """Revoke the token: it stops working at once and its sockets are closed."""
    expires = datetime.fromtimestamp(token["exp"], tz=UTC)
    RevokedToken.objects.get_or_create(jti=token["jti"], defaults={"expires": expires})
    publish.session_ended(token["login"], token["jti"])
