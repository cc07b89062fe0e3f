"""What every request of the backoffice passes: the session's age, and the second factor."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from door import factors, sessions

ADMIN = "/admin/"  # where the backoffice is: read at every request, without the URL conf
Answer = Callable[[HttpRequest], HttpResponseBase]
OPEN = ("login", "logout", "jsi18n", "second_factor")  # what needs no second factor
BACKGROUND = "HTTP_X_BACKGROUND"  # a page asks by itself: nobody is known to be there


class StaffDoor:
    """Ends sessions that are too old, and leads who has no second factor to where it is set up."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN):
            return self.judge(request) or self.answer(request)
        return self.answer(request)

    def judge(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a session that may not go on; None: it may."""
        if not request.user.is_authenticated:
            return None
        if sessions.over(request.session):
            logout(request)
            if request.path_info == reverse("admin:login"):
                return None
            messages.info(request, "Your session has ended. Please sign in again.")
            return redirect_to_login(request.get_full_path(), "admin:login")
        if BACKGROUND not in request.META:
            sessions.seen(request.session)
        if self.lacks_factor(request) and request.path_info not in self.open():
            return redirect("admin:second_factor")
        return None

    def lacks_factor(self, request: HttpRequest) -> bool:
        """Whether this person must set up a second factor first."""
        user: Any = request.user
        if request.session.get(sessions.FACTOR) or not factors.required(user):
            return False
        return not factors.has(user)

    def open(self) -> set[str]:
        """The paths that need none."""
        return {reverse(f"admin:{name}") for name in OPEN}
