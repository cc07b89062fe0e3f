"""Middleware that gives every request an id, a log line and its place in the metrics."""

import logging
import re
import time
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from observe.context import (
    RequestContext,
    choose_request_id,
    current_context,
    mark_logged,
    use_context,
)
from observe.counters import Counter, Histogram
from observe.redaction import redact_secrets

HEADER = "X-Request-ID"
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
NO_ROUTE = "none"
LONGEST_PATH = 200  # characters of a path without a route
REQUESTS = Counter(
    "broker_http_requests_total", "HTTP requests answered.", "route", "method", "status"
)
SECONDS = Histogram(
    "broker_http_request_seconds", "Until the answer.", "route", "method", bounds=BOUNDS
)
log = logging.getLogger(__name__)


class RequestLogMiddleware:
    """Wraps all middleware but the probes, so that their responses are logged as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, with the request id in its header."""
        began = time.perf_counter()
        context = RequestContext(choose_request_id(request.META.get("HTTP_X_REQUEST_ID")), request)
        with use_context(context):
            answer = self.get_response(request)
            answer[HEADER] = context.request_id
            record_request(request, answer.status_code, time.perf_counter() - began)
            mark_logged(answer)
        return answer


def record_request(request: HttpRequest, status: int, seconds: float) -> None:
    """Count the request and log its line; a path is logged only where no route matched."""
    route, method = route_of(request), known_method(request.method)
    REQUESTS.add(route, method, str(status))
    SECONDS.observe(seconds, route, method)
    duration = round(seconds * 1000, 1)
    access = {"method": method, "route": route, "status": status, "duration_ms": duration}
    target, suffix = route, ""
    if route == NO_ROUTE:
        target = access["path"] = redact_secrets(request.path[:LONGEST_PATH])
    context = current_context()
    if context is not None and context.refusal:
        access["reason"] = redact_secrets(context.refusal)
        suffix = f": {access['reason']}"
    level = logging.WARNING if status >= 500 else logging.INFO
    line = "%s %s %s %s ms%s"
    log.log(level, line, method, target, status, duration, suffix, extra={"access": access})


def known_method(method: str | None) -> str:
    """Return the method, or `OTHER` for one that is not in METHODS."""
    return method if method in METHODS else "OTHER"


def route_of(request: HttpRequest) -> str:
    """Return the pattern that matched, such as `/trade/open`: few, and no client makes one."""
    match = request.resolver_match
    if match is not None:
        return readable_pattern(match.route)
    return "/static" if request.path_info.startswith(settings.STATIC_URL) else NO_ROUTE


@lru_cache(1024)
def readable_pattern(route: str) -> str:
    """Return a route's regular expression in readable form, such as `/price_alert/<id>`."""
    named = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", route)
    return "/" + re.sub(r"\^|/?\??\$$", "", named)
