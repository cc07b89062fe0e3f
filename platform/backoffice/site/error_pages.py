"""Errors below /admin/ as pages with a way back; elsewhere they are the API's answers.

Scripts of pages, which poll in the background, get the API's answers as well.
"""

import sys

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from api import errors as api_errors
from staff_auth.middleware import ADMIN_PATH, BACKGROUND_HEADER

CHECK_FIRST = "If you have sent a form, look whether it was saved before you send it again."
PAGE_TEXTS = {  # title and explanation by status
    400: ("This request cannot be read", "Load the page again, and send the form once more."),
    403: (
        "Not allowed",
        "Your role does not allow this. Ask an administrator if it is part of your work.",
    ),
    404: (
        "Not found",
        "There is no such page, or it is about a client outside of your account groups.",
    ),
    500: ("Something went wrong", CHECK_FIRST),
    503: ("A server does not answer", f"Try again in a moment. {CHECK_FIRST}"),
}
EXPIRED_FORM = ("The form has expired", "Load the page again, and send the form once more.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the response to a request that cannot be read (Django's handler400)."""
    if not is_admin_page(request):
        return api_errors.bad_request(request, exception)
    return _error_page(request, 400, *PAGE_TEXTS[400])


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the response to a forbidden request (Django's handler403)."""
    if not is_admin_page(request):
        return api_errors.permission_denied(request, exception)
    return _error_page(request, 403, *PAGE_TEXTS[403])


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the response where there is no such page or row (Django's handler404)."""
    if not is_admin_page(request):
        return api_errors.not_found(request, exception)
    return _error_page(request, 404, *PAGE_TEXTS[404])


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the response to an unexpected error (Django's handler500); needs no database."""
    if not is_admin_page(request):
        return api_errors.server_error(request)
    error = sys.exc_info()[1]
    if error is not None and api_errors.is_unavailable(error):
        api_errors.log_unavailable(error)
        return _bare_page(request, 503, *PAGE_TEXTS[503])
    title, text = PAGE_TEXTS[500]
    reference = api_errors.log_with_reference(None)
    return _bare_page(
        request, 500, title, f"{text} If it happens again, tell your administrator: {reference}."
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the response to a form without a valid CSRF token (Django's CSRF_FAILURE_VIEW)."""
    if not is_admin_page(request):
        return api_errors.permission_denied(request, PermissionError(reason))
    return _error_page(request, 403, *EXPIRED_FORM)


def is_admin_page(request: HttpRequest) -> bool:
    """Return whether a person's browser asks for a page of the backoffice."""
    return (
        request.path_info.startswith(ADMIN_PATH)
        and BACKGROUND_HEADER not in request.META
        and request.accepts("text/html")
    )


def _error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Return the page with the sidebar for signed-in staff, the bare one for others."""
    user = getattr(request, "user", None)
    if user is None or not admin.site.has_permission(request):
        return _bare_page(request, status, title, text)
    context = {
        **admin.site.each_context(request),
        "title": title,
        "text": text,
        "back": previous_page(request),
    }
    return render(request, "backoffice/error.html", context, status=status)


def _bare_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Return the page by itself; what it needs is in no database."""
    context = {"title": title, "text": text, "back": previous_page(request)}
    return render(None, "backoffice/error_bare.html", context, status=status)


def previous_page(request: HttpRequest) -> str:
    """Return the URL of the page of this site from which the request came, empty if unknown."""
    url = request.META.get("HTTP_REFERER", "")
    same_site = url_has_allowed_host_and_scheme(url, {request.get_host()})
    is_other = request.method == "POST" or url != request.build_absolute_uri()
    return url if same_site and is_other and reverse("admin:login") not in url else ""
