"""The broker's logo, icon and colours as files of this site."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from backoffice.site.branding import LOGO_TYPES, make_shades

HOUR = "public, max-age=3600"
# Opened by itself, an SVG is a document: it gets no script and nothing from elsewhere.
LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def icon_url() -> str:
    """Return the URL of the logo, or of our own icon."""
    return reverse("brand_logo") if settings.BRAND_LOGO else static("backoffice/icon.svg")


def icon_type() -> str:
    """Return the media type of what `icon_url` is."""
    return LOGO_TYPES[Path(settings.BRAND_LOGO or "icon.svg").suffix.lower()]


@require_safe
def show_logo(request: HttpRequest) -> HttpResponse:
    """Return the logo."""
    if not settings.BRAND_LOGO:
        raise Http404
    return HttpResponse(
        read_logo(settings.BRAND_LOGO),
        content_type=icon_type(),
        headers={"Cache-Control": HOUR, "Content-Security-Policy": LOGO_POLICY},
    )


@cache
def read_logo(path: str) -> bytes:
    """Return the file's content, read once by each process."""
    return Path(path).read_bytes()


@require_safe
def show_colors(request: HttpRequest) -> HttpResponse:
    """Return the style sheet of the broker's colour; empty without one."""
    color: str = settings.BRAND_COLOR
    shades = make_shades(color) if color else {}
    variables = (f"--color-primary-{weight}:{shade};" for weight, shade in shades.items())
    text = f":root{{{''.join(variables)}}}"
    return HttpResponse(text, content_type="text/css", headers={"Cache-Control": HOUR})


@require_safe
def show_favicon(request: HttpRequest) -> HttpResponse:
    """Redirect what asks for /favicon.ico, as browsers do by themselves, to the icon."""
    response = redirect(icon_url())
    response["Cache-Control"] = HOUR
    return response
