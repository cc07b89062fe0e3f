"""Whether a request can be read at all: asked once, before anything looks at it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from api.authentication import SAFE_METHODS
from api.errors import plain
from observe import trace

UNREADABLE = "broker.unreadable"  # in META: status and message of what the server could not read
LONGEST_HOST = 100  # characters that are logged


class Admission:
    """Answers what no view could: another host, too many fields, a body that nobody reads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The refusal, else the platform's answer."""
        return self.refusal(request) or self.get_response(request)

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request that cannot be read."""
        if UNREADABLE in request.META:
            return refused(*request.META[UNREADABLE])
        try:
            request.get_host()
        except DisallowedHost:
            host = request.META.get("HTTP_HOST", "")[:LONGEST_HOST]
            return refused(400, "this host is not served", f"no allowed host: {host!r}")
        most: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        if most is not None and request.META.get("QUERY_STRING", "").count("&") >= most:
            return refused(400, f"the query has more than {most} fields")
        return None

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """A body that the view would not look at is refused: the sender meant something by it."""
        if request.method not in SAFE_METHODS or not has_body(request):
            return None
        if reads_body(view) and request.method != "OPTIONS":
            return None
        return refused(400, "nothing is read from a body here")


def has_body(request: HttpRequest) -> bool:
    """Whether the request says that it has one."""
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0")


def reads_body(view: Any) -> bool:
    """Whether the view takes the parameters of a GET from a body as well."""
    return hasattr(getattr(view, "cls", None), "input")


def refused(status: int, message: str, reason: str = "") -> HttpResponse:
    """The error; the log's line tells the reason, which may name what was sent."""
    trace.refused(reason or message)
    return plain(status, "INVALID_DATA", message)
