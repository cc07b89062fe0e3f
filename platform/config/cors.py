"""CORS without its cost for requests of no page: those without an Origin only vary by it."""

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers


class OriginMiddleware(CorsMiddleware):
    """Asks an Origin for its rights, where there is one."""

    def add_response_headers(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the headers that let a page of the Origin read the response."""
        if "HTTP_ORIGIN" in request.META:
            return super().add_response_headers(request, response)
        if getattr(request, "_cors_enabled", False):
            patch_vary_headers(response, ("origin",))
        return response
