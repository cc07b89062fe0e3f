"""The request or task that is being worked on, for every line that is logged meanwhile."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject

WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestContext:
    """A request id, and the HTTP request where there is one."""

    __slots__ = ("body", "refusal", "request", "request_id")

    def __init__(self, request_id: str, request: HttpRequest | None = None) -> None:
        self.request_id, self.request = request_id, request
        self.body: object = None  # the JSON that was sent, once it has been read
        self.refusal = ""  # why the request was not even read

    @property
    def login(self) -> int:
        """Return the login of the session; 0 where there is none, or none was loaded yet."""
        if self.request is None:
            return 0
        user = self.request.__dict__.get("user")
        if isinstance(user, LazyObject):  # the backoffice's: to evaluate it would be a query
            user = self.request.__dict__.get("_cached_user")
        return getattr(user, "login", 0)


_current: ContextVar[RequestContext | None] = ContextVar("trace", default=None)


def current_context() -> RequestContext | None:
    """Return the context that this thread or task works in."""
    return _current.get()


@contextmanager
def use_context(context: RequestContext) -> Iterator[RequestContext]:
    """Work in the context while the block runs."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def note_body(body: object) -> None:
    """Note the request's body, so that its secrets can be redacted."""
    context = _current.get()
    if context is not None:
        context.body = body


def note_refusal(reason: str) -> None:
    """Note why the request is not read, for its line in the log."""
    context = _current.get()
    if context is not None:
        context.refusal = reason


def mark_logged(response: HttpResponse) -> None:
    """Suppress Django's own log line about the status; a traceback was logged by now."""
    vars(response)["_has_been_logged"] = True


def choose_request_id(given: object) -> str:
    """Return the given id if it is 8 to 64 letters, digits, `.`, `_` or `-`; else a new one."""
    if isinstance(given, str) and WELL_FORMED.fullmatch(given):
        return given
    return uuid4().hex
