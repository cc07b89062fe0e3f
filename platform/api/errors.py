"""The one error handler: every failure becomes `{"error": code, "message": text}`.

Only this module knows which HTTP status a kind of error has.
"""

import logging
import uuid
from collections.abc import Iterator, Mapping
from math import ceil

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import Http404, HttpRequest, HttpResponse
from redis.exceptions import DataError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.renderers import JSONRenderer
from core import errors, json

log = logging.getLogger(__name__)
CALLING_ERROR = DataError  # redis-py cannot send it: a bug of ours, no outage
# SQLSTATEs of a server that does answer: frequent deadlocks must be found in the log.
CONTENTION_STATES = ("40", "55", "57014")

STATUS_OF_KIND: dict[type[errors.BrokerError], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Denied: 403,
    errors.NotFound: 404,
    errors.Refused: 409,
    errors.TooFrequent: 429,
    errors.Unavailable: 503,
}
# Where the contract gives a code another status than its kind has.
STATUS_OF_CODE = {
    "USER_DISABLED": 402,
    "UPDATE_PASSWORD_ERROR": 401,
    "RET_ERR_DUPLICATE": 422,
    "RET_TRADE_MARKET_CLOSED": 423,
}
UNREADABLE_MESSAGE = "the request is not valid"
CODE_OF_STATUS = {
    400: "INVALID_DATA",
    401: "PERMISSION_DENIED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    411: "INVALID_DATA",
    413: "INVALID_DATA",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RET_TOO_FREQUENT",
}


def status_of(error: type[errors.BrokerError]) -> int:
    """Return the HTTP status of an error class."""
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    kinds = (STATUS_OF_KIND[kind] for kind in error.__mro__ if kind in STATUS_OF_KIND)
    return next(kinds, 500)


def handle(error: Exception, context: Mapping[str, object]) -> HttpResponse:
    """Return the response to whatever a view raised (DRF's exception handler)."""
    set_rollback()
    response = error_response(error)
    if JSONRenderer in getattr(context.get("view"), "renderer_classes", ()):
        return response
    # A page of HTML or YAML: its renderer would not render the error as JSON.
    page = HttpResponse(JSONRenderer().render(response.data), status=response.status_code)
    for name, value in {**response.headers, "Content-Type": "application/json"}.items():
        page[name] = value
    return page


def error_response(error: Exception) -> Response:  # noqa: PLR0911 - a table
    """Return the response with the error's status, code and message."""
    if isinstance(error, errors.BrokerError):
        return _refusal_response(error)
    if isinstance(error, exceptions.ValidationError):
        return _make_response(400, "INVALID_DATA", "; ".join(_flatten_details(error.detail)))
    if isinstance(error, exceptions.APIException):
        status = error.status_code
        code = CODE_OF_STATUS.get(status, "INTERNAL_ERROR")
        response = _make_response(status, code, str(error.detail))
        wait = getattr(error, "wait", None)  # DRF's Throttled
        if wait is not None:
            response["Retry-After"] = str(int(wait) + 1)
        return response
    if isinstance(error, Http404):
        return _make_response(404, "NOT_FOUND", "not found")
    if isinstance(error, PermissionDenied):
        return _make_response(403, "PERMISSION_DENIED", "not allowed")
    if isinstance(error, SuspiciousOperation | BadRequest):
        return _make_response(400, "INVALID_DATA", _unreadable_message(error))
    if is_unavailable(error):
        log_unavailable(error)
        response = _make_response(503, errors.Unavailable.code, errors.Unavailable.default)
        response["Retry-After"] = "1"
        return response
    return _make_response(500, "INTERNAL_ERROR", log_with_reference(error))


def _refusal_response(error: errors.BrokerError) -> Response:
    response = _make_response(status_of(type(error)), error.code, error.message)
    if isinstance(error, errors.TooFrequent) and error.wait:
        response["Retry-After"] = str(ceil(error.wait))
    return response


def _unreadable_message(error: Exception) -> str:
    """Return what is wrong with a request that Django refuses to read."""
    messages = {RequestDataTooBig: "the body is too large", TooManyFieldsSent: "too many fields"}
    return next(
        (text for kind, text in messages.items() if isinstance(error, kind)), UNREADABLE_MESSAGE
    )


def is_unavailable(error: BaseException | None) -> bool:
    """Return whether the error says that a server does not answer."""
    return isinstance(error, errors.UNAVAILABLE_ERRORS) and not isinstance(error, CALLING_ERROR)


def log_unavailable(error: BaseException) -> None:
    """Log that a server is unavailable; as an error where it does answer."""
    state: str = getattr(error.__cause__, "sqlstate", None) or ""
    if state.startswith(CONTENTION_STATES):
        log.error("gave up: %s", error, exc_info=error)
    else:
        log.warning("a server is unavailable: %s", error)


def log_with_reference(error: BaseException | None) -> str:
    """Log the error under a new reference, and return the message that names it."""
    reference = uuid.uuid4().hex[:12]
    log.error("internal error %s", reference, exc_info=error)
    return f"internal error, reference {reference}"


def _make_response(status: int, code: str, message: str) -> Response:
    return Response({"error": code, "message": message}, status=status)


def _flatten_details(detail: object, field: str = "") -> Iterator[str]:
    """Yield DRF's nested details as `field: message` lines."""
    if isinstance(detail, Mapping):
        for name, value in detail.items():
            inner = str(name) if not field else f"{field}.{name}"
            yield from _flatten_details(value, field if name == "non_field_errors" else inner)
    elif isinstance(detail, list):
        for value in detail:
            yield from _flatten_details(value, field)
    else:
        yield f"{field}: {detail}" if field else str(detail)


def plain_error_response(status: int, code: str, message: str) -> HttpResponse:
    """Return an error response from outside of the API's views."""
    body = json.dumps({"error": code, "message": message})
    return HttpResponse(body, status=status, content_type="application/json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the response to what fails before a view is reached (Django's handler400)."""
    return plain_error_response(400, "INVALID_DATA", _unreadable_message(exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the response to a forbidden request (Django's handler403)."""
    return plain_error_response(403, "PERMISSION_DENIED", "not allowed")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the response where there is no such route (Django's handler404)."""
    return plain_error_response(404, "NOT_FOUND", f"there is no route {request.path}")


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the response to a bug outside of a view (Django's handler500)."""
    return plain_error_response(500, "INTERNAL_ERROR", log_with_reference(None))
