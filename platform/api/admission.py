"""Middleware that refuses requests which no view could read."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from api.authentication import SAFE_METHODS
from api.errors import plain_error_response
from observe import context

UNREADABLE = "broker.unreadable"  # in META: status and message for an unreadable request
LONGEST_HOST = 100  # characters that are logged


class AdmissionMiddleware:
    """Refuses a foreign host, too many query fields and a body that nothing reads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the refusal, or else the platform's response."""
        return find_refusal(request) or self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse a body that the view would ignore: the sender meant something by it."""
        if request.method not in SAFE_METHODS or not has_body(request):
            return None
        if reads_body(view) and request.method != "OPTIONS":
            return None
        return refusal_response(400, "nothing is read from a body here")


def find_refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the response to a request that cannot be read, else None."""
    if UNREADABLE in request.META:
        return refusal_response(*request.META[UNREADABLE])
    try:
        request.get_host()
    except DisallowedHost:
        host = request.META.get("HTTP_HOST", "")[:LONGEST_HOST]
        return refusal_response(400, "this host is not served", f"no allowed host: {host!r}")
    most: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    if most is not None and request.META.get("QUERY_STRING", "").count("&") >= most:
        return refusal_response(400, f"the query has more than {most} fields")
    return None


def has_body(request: HttpRequest) -> bool:
    """Return whether the request announces a body."""
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0")


def reads_body(view: object) -> bool:
    """Return whether the view reads the parameters of a GET from a body as well."""
    return hasattr(getattr(view, "cls", None), "validated")


def refusal_response(status: int, message: str, reason: str = "") -> HttpResponse:
    """Return the error response; the log gets the reason, which may quote the request."""
    context.note_refusal(reason or message)
    return plain_error_response(status, "INVALID_DATA", message)
