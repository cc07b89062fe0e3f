"""Recognise a device that has signed in before by a signed cookie, which is no session.

Whoever guesses passwords from elsewhere slows down the sign-ins of unknown devices only.
With a login the cookie names its session version: what ends the sessions makes every device
unknown.
"""

from contextlib import suppress
from secrets import token_hex

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request

from core.users import User

SALT = "api.devices.versions"  # differs from the salt of older cookies without versions
COOKIE_AGE = 400 * 86_400  # seconds; browsers keep no cookie longer
MOST_DEVICE_LOGINS = 20  # of one device; the cookie names those that signed in last


def device_of(request: Request | HttpRequest, login: int) -> str:
    """Return the id of the device if it has signed in to this login before, else an empty string.

    Sign-ins from before the last end of the login's sessions do not count.
    """
    device, versions = _read_cookie(request)
    return device if login in versions and versions[login] == _session_version(login) else ""


def remember_device(response: HttpResponseBase, request: Request | HttpRequest, user: User) -> None:
    """Set the cookie that makes the device known to this user and to its earlier ones.

    `user` is as it was when its password was checked: a session version read later might be
    that of another password.
    """
    device, versions = _read_cookie(request)
    others = [pair for pair in versions.items() if pair[0] != user.pk]
    newest = [(user.pk, user.session_version), *others][:MOST_DEVICE_LOGINS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([device or token_hex(16), newest], salt=SALT),
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(),
    )


def _session_version(login: int) -> int | None:
    users = get_user_model()._default_manager.filter(pk=login)
    return users.values_list("session_version", flat=True).first()


def _read_cookie(request: Request | HttpRequest) -> tuple[str, dict[int, int]]:
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    with suppress(signing.BadSignature):
        device, pairs = signing.loads(text, salt=SALT, max_age=COOKIE_AGE)
        return device, dict(pairs)
    return "", {}
