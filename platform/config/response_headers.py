"""Headers of every response: the server's time, and which other sites may read it."""

from collections.abc import Callable

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date

from api.admission import find_refusal
from core.clock import now


class DateMiddleware:
    """Adds the `Date`, which not every server does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response with its time."""
        response = self.get_response(request)
        response["Date"] = http_date(now())
        return response


class OriginMiddleware(CorsMiddleware):
    """CORS without its cost for requests of no page: those without an Origin only vary by it."""

    def check_preflight(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the answer to a preflight, None where it is none or cannot be read."""
        answer = super().check_preflight(request)
        return None if answer is None or find_refusal(request) else answer

    def add_response_headers(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the headers that let a page of the Origin read the response."""
        if "HTTP_ORIGIN" in request.META:
            return super().add_response_headers(request, response)
        if getattr(request, "_cors_enabled", False):
            patch_vary_headers(response, ("origin",))
        return response
