"""Know a device that has signed in before, by a signed cookie; it is no session and no password.

Whoever guesses passwords from elsewhere slows down the sign-ins of unknown devices only.
"""

from contextlib import suppress
from secrets import token_hex

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request

SALT = "api.devices"
AGE = 400 * 86_400  # seconds; browsers keep no cookie longer
MOST_LOGINS = 20  # of one device; the cookie names those that came last


def device_of(request: Request | HttpRequest, login: int) -> str:
    """The id of the device if it has signed in to this login before, else an empty string."""
    device, logins = _read(request)
    return device if login in logins else ""


def remember_device(answer: HttpResponseBase, request: Request | HttpRequest, login: int) -> None:
    """Set the cookie that makes the device known to this login, beside those that it knew."""
    device, logins = _read(request)
    newest = [login, *(other for other in logins if other != login)][:MOST_LOGINS]
    answer.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([device or token_hex(16), newest], salt=SALT),
        max_age=AGE,
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(),
    )


def _read(request: Request | HttpRequest) -> tuple[str, list[int]]:
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    with suppress(signing.BadSignature):
        device, logins = signing.loads(text, salt=SALT, max_age=AGE)
        return device, logins
    return "", []
