"""Writes audit entries and sign-in attempts.

An entry is written in the transaction of the change that it describes.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from rest_framework.request import Request

from audit.models import Entry, SignIn
from core.client_address import get_client_address, get_client_network
from core.clock import now_ms
from core.errors import BrokerError
from core.json import plain
from core.numbers import is_digits

AnyRequest = HttpRequest | Request
OK = "OK"
SECRET = re.compile("password|secret|token", re.IGNORECASE)  # names whose values are hidden
HIDDEN = "***"
LONGEST = 4000  # characters of one value
BIGGEST = 2**63


def record(
    request: AnyRequest | None,
    action: str,
    row: Model | None = None,
    *,
    model: str = "",
    login: int | None = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    form: str | None = None,
) -> Entry:
    """Write one audit entry about `obj`, or about a `model` as a whole.

    Without a request the actor is the system. `login` is the one that the entry is about,
    by default the owner of `obj`. `form` is the key of the submitted form.

    Raises:
        IntegrityError: an entry has this `form` already.
    """
    user: Any = request.user if request else None
    return Entry.objects.create(
        time=now_ms(),
        staff=user if user and user.is_authenticated else None,
        address=address(request),
        action=action,
        model=row._meta.label_lower if row else model,
        key=str(row.pk) if row else "",
        label=clean(str(row), 128) if row else "",
        login=about(row) if login is None else login,
        reason=clean(reason, 256),
        before=shown(before or {}),
        after=shown(after or {}),
        form=form,
    )


@dataclass
class Attempt:
    """A sign-in in progress; `login` and `outcome` may be set later."""

    login: int | str
    outcome: str = OK  # unless the block raises a refusal


@contextmanager
def attempt(request: AnyRequest, login: int | str, door: SignIn.Door) -> Iterator[Attempt]:
    """Record how the block ends: its outcome, or the code of what it refused.

    Use it outside any transaction, whose rollback would take the record back.
    """
    tried = Attempt(login)
    try:
        yield tried
    except BrokerError as refusal:
        came(request, tried.login, door, getattr(refusal, "outcome", refusal.code))
        raise
    came(request, tried.login, door, tried.outcome)


def came(request: AnyRequest, login: int | str, door: SignIn.Door, outcome: str = OK) -> None:
    """Record one sign-in attempt with its outcome."""
    SignIn.objects.create(
        time=now_ms(),
        login=login_of(login),
        address=address(request),
        network=get_client_network(request)[:45],
        agent=clean(request.META.get("HTTP_USER_AGENT", ""), 256),
        door=door,
        outcome=outcome[:32],
    )


def login_of(typed: int | str) -> int:
    """Return the login as it was typed, or 0 if it cannot be one."""
    text = str(typed)
    number = int(text) if is_digits(text) and len(text) < 20 else 0
    return number if number < BIGGEST else 0


def address(request: AnyRequest | None) -> str:
    """Return the address that the request comes from, or an empty text."""
    return str((request and get_client_address(request)) or "")


def about(row: Model | None) -> int | None:
    """Return the login that the object belongs to, or None."""
    for name in ("login", "account_id", "user_id"):
        value = getattr(row, name, None)
        if isinstance(value, int):
            return value
    return None


def clean(text: str, length: int) -> str:
    """Remove null characters and cut the text to `length` characters."""
    return text.replace("\0", "")[:length]


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as JSON holds them: decimals exact, model instances by their keys.

    Values with the name of a secret are replaced by HIDDEN.
    """
    return {
        name: HIDDEN if SECRET.search(name) else _plain(value) for name, value in values.items()
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | dict):
        return value
    if isinstance(value, list | tuple | set | QuerySet):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return plain(value)
    return clean(str(value.pk if isinstance(value, Model) else value), LONGEST)
