"""Signing in and out, and passwords."""

from datetime import UTC, datetime
from functools import partial

from django.db import transaction

from accounts.errors import (
    GroupNotFound,
    UpdatePasswordError,
    UserDisabled,
    UserNotFoundOrIncorrect,
)
from accounts.models import User
from accounts.revoked_token import RevokedToken
from core.errors import Denied, InvalidUser
from core.locks import transactional
from core.session_tokens import SessionToken
from realtime.events import publish


def sign_in(*, login: int, password: str) -> tuple[User, SessionToken]:
    """Authenticate by login and password; return the user and a new token.

    Raises:
        UserNotFoundOrIncorrect: unknown login or wrong password, in the same time.
        UserDisabled, GroupNotFound: only raised if the password is right.
    """
    user = User.objects.with_password(login, password)
    if user is None:
        raise UserNotFoundOrIncorrect
    if not user.enable:
        raise UserDisabled
    if not user.is_staff and not hasattr(user, "account"):
        raise GroupNotFound
    return user, SessionToken.issue(user.login, user.type, user.session_version)


def open_session(login: int) -> tuple[User, SessionToken]:
    """Return a user whose account was just opened, and the first token.

    Raises:
        UserDisabled: staff disabled the user before the sign-up was repeated.
    """
    user = User.objects.select_related("account__group").get(login=login)
    if not user.enable:
        raise UserDisabled
    return user, SessionToken.issue(user.login, user.type, user.session_version)


@transactional
def sign_out(*, token: SessionToken) -> None:
    """Revoke the token: it is invalid at once, and its sockets are closed after commit."""
    expires = datetime.fromtimestamp(token["exp"], tz=UTC)
    RevokedToken.objects.get_or_create(jti=token["jti"], defaults={"expires": expires})
    announce = partial(publish.publish_session_end, token["login"], token["jti"])
    transaction.on_commit(announce, robust=True)


@transactional
def change_password(*, token: SessionToken, old_password: str, password: str) -> User:
    """Change the password of the session's login; all its other sessions end.

    Raises:
        Denied: the account may not change its password.
        UpdatePasswordError: the old password is wrong.
    """
    user = _lock_user(token["login"])
    if not user.enable_change_password:
        raise Denied("this account may not change its password")
    if not user.check_password(old_password):
        raise UpdatePasswordError
    _set_password(user, password, token)
    return user


@transactional
def set_password(*, actor: User, token: SessionToken, login: int, password: str) -> None:
    """Set the password of a client, or by an administrator of any login; its sessions end.

    Only the actor's own session goes on.

    Raises:
        Denied: the actor may not.
        InvalidUser: there is no such login.
    """
    if not actor.has_perm("accounts.change_user"):
        raise Denied("this role does not change passwords")
    user = _lock_user(login)
    if user.is_staff and not actor.is_superuser:
        raise Denied("only administrators change the passwords of staff")
    _set_password(user, password, token)


def _lock_user(login: int) -> User:
    """Lock and return the user.

    Raises:
        InvalidUser: there is no such login.
    """
    user = User.objects.locked(login)
    if user is None:
        raise InvalidUser
    return user


def _set_password(user: User, password: str, token: SessionToken) -> None:
    user.set_password(password)
    own = token["login"] == user.login
    user.save(update_fields=["password"], spared_jti=token["jti"] if own else None)
