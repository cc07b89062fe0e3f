"""The admin site: unfold's, with staff authentication."""

from functools import partial
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite

from api.devices import remember_device
from audit import recording
from backoffice.attention.badges import badges_of
from backoffice.site.navigation import active_link, load_navigation
from backoffice.site.password_page import OwnPasswordView
from backoffice.site.search_everywhere import show_found
from backoffice.site.second_factor_page import show_second_factor
from backoffice.site.sign_in_forms import SignInForm
from core.locks import transactional
from core.users import signed_in_user

Menu = list[dict[str, object]]


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """Signs staff in by login, password and code; audits sign-outs and new passwords."""

    login_form = SignInForm

    def extra_urls(self) -> list[URLPattern]:
        """Return the site's additional pages (a hook of unfold)."""
        view = self.admin_view(self.second_factor)
        return [path("second-factor/", view, name="second_factor")]

    def each_context(self, request: HttpRequest) -> dict[str, object]:
        """Return the context without colours, which unfold would inline as styles everywhere."""
        return {**super().each_context(request), "colors": None}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[object]:
        """Return the models of all apps, found when asked: the sidebar's pages show none."""
        find = partial(super().get_app_list, request, app_label)
        return cast(list[object], SimpleLazyObject(find))

    def get_sidebar_list(self, request: HttpRequest) -> Menu:
        """Return the menu with badges of what needs attention at the pages.

        Made anew: unfold copies the whole setting for each page and compares each link with all.
        """
        if not self.enable_nav_sidebar:
            return []
        badges, active = badges_of(signed_in_user(request)), active_link(request.path)
        return [
            {
                **heading,
                "items": [
                    {
                        **item,
                        "active": item["link"] == active,
                        "has_permission": item["permission"](request),
                        **badges.get(str(item["link"]), {}),
                    }
                    for item in heading["items"]
                ],
            }
            for heading in load_navigation()
        ]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer nobody: the forms have plain fields.

        Raises:
            Http404: always.
        """
        raise Http404

    def search(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show what the search of everything finds; unfold would keep it for five minutes."""
        return show_found(self, request)

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Show the page on which the second factor is set up."""
        return show_second_factor(request, self.each_context(request))

    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Sign in, and remember the browser as a known device of the login."""
        response: HttpResponse = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            remember_device(response, request, request.user)
        return response

    @transactional
    def logout(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """End the session and write an audit entry."""
        user = request.user
        if request.method == "POST" and user.is_authenticated:
            recording.record_entry(request, "sign_out", user)
        response: HttpResponse = super().logout(request, extra_context)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Let staff change their own password; all their other sessions end."""
        view = OwnPasswordView.as_view(
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return cast(HttpResponse, view(request))
