"""Writes audit entries and sign-in attempts.

An entry is written in the transaction of the change that it describes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from rest_framework.request import Request

from audit.models import Entry, SignIn
from core.client_address import get_client_address, get_client_network
from core.clock import now_ms
from core.errors import BrokerError
from core.json import plain_digits
from core.numbers import is_digits

AnyRequest = HttpRequest | Request
OK = "OK"
SECRET_NAME = re.compile("password|secret|token", re.IGNORECASE)  # names whose values are hidden
HIDDEN = "***"
MAX_VALUE_LENGTH = 4000  # characters of one value
LOGIN_LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class AuditNote:
    """An entry to be written of what was done to a row."""

    action: str
    obj: Model
    reason: str
    before: Mapping[str, object]
    after: Mapping[str, object]


def record_entry(
    request: AnyRequest | None,
    action: str,
    obj: Model | None = None,
    *,
    model: str = "",
    login: int | None = None,
    reason: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    form: str | None = None,
) -> Entry:
    """Write one audit entry about `obj`, or about a `model` as a whole.

    Without a request the actor is the system. `login` is the one that the entry is about,
    by default the owner of `obj`. `form` is the key of the submitted form.

    Raises:
        IntegrityError: an entry has this `form` already.
    """
    entry = _make_entry(request, action, obj, reason, before or {}, after or {})
    entry.form = form
    if obj is None:
        entry.model = model
    if login is not None:
        entry.login = login
    entry.save(force_insert=True)
    return entry


def record_entries(request: AnyRequest | None, notes: Iterable[AuditNote]) -> None:
    """Write an audit entry of each note, in one statement."""
    Entry.objects.bulk_create(
        _make_entry(request, note.action, note.obj, note.reason, note.before, note.after)
        for note in notes
    )


def _make_entry(
    request: AnyRequest | None,
    action: str,
    obj: Model | None,
    reason: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> Entry:
    user = request.user if request else None
    return Entry(
        time=now_ms(),
        staff=user if user and user.is_authenticated else None,
        address=client_address_text(request),
        action=action,
        model=obj._meta.label_lower if obj else "",
        key=str(obj.pk) if obj else "",
        label=clean_text(str(obj), 128) if obj else "",
        login=owner_login(obj),
        reason=clean_text(reason, 256),
        before=serialize_values(before),
        after=serialize_values(after),
    )


@dataclass
class SignInAttempt:
    """A sign-in in progress; `login` and `outcome` may be set later."""

    login: int | str
    outcome: str = OK  # unless the block raises a refusal


@contextmanager
def record_attempt(
    request: AnyRequest, login: int | str, door: SignIn.Door
) -> Iterator[SignInAttempt]:
    """Record how the block ends: its outcome, or the code of what it refused.

    Use it outside any transaction, whose rollback would take the record back.
    """
    current = SignInAttempt(login)
    try:
        yield current
    except BrokerError as refusal:
        record_sign_in(request, current.login, door, getattr(refusal, "outcome", refusal.code))
        raise
    record_sign_in(request, current.login, door, current.outcome)


def record_sign_in(
    request: AnyRequest, login: int | str, door: SignIn.Door, outcome: str = OK
) -> None:
    """Record one sign-in attempt with its outcome."""
    SignIn.objects.create(
        time=now_ms(),
        login=parse_login(login),
        address=client_address_text(request),
        network=get_client_network(request)[:45],
        agent=clean_text(request.META.get("HTTP_USER_AGENT", ""), 256),
        door=door,
        outcome=outcome[:32],
    )


def parse_login(typed: int | str) -> int:
    """Return the login as it was typed, or 0 if it cannot be one."""
    text = str(typed)
    number = int(text) if is_digits(text) and len(text) < 20 else 0
    return number if number < LOGIN_LIMIT else 0


def client_address_text(request: AnyRequest | None) -> str:
    """Return the address that the request comes from, or an empty text."""
    return str((request and get_client_address(request)) or "")


def owner_login(obj: Model | None) -> int | None:
    """Return the login that the object belongs to, or None."""
    for name in ("login", "account_id", "user_id"):
        value = getattr(obj, name, None)
        if isinstance(value, int):
            return value
    return None


def clean_text(text: str, length: int) -> str:
    """Remove null characters and cut the text to `length` characters."""
    return text.replace("\0", "")[:length]


def serialize_values(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values as JSON holds them: decimals exact, model instances by their keys.

    Values with the name of a secret are replaced by HIDDEN.
    """
    return {
        name: HIDDEN if SECRET_NAME.search(name) else _serialize_value(value)
        for name, value in values.items()
    }


def _serialize_value(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | dict):
        return value
    if isinstance(value, list | tuple | set | QuerySet):
        return [_serialize_value(each) for each in value]
    if isinstance(value, Decimal):
        return plain_digits(value)
    return clean_text(str(value.pk if isinstance(value, Model) else value), MAX_VALUE_LENGTH)
