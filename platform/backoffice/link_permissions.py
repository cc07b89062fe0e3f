"""Which links a staff user can follow; what nobody can follow is displayed as plain text."""

from typing import TYPE_CHECKING, cast

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.users import User, signed_in_user
from staff_auth.middleware import ADMIN_PATH

if TYPE_CHECKING:
    from django.contrib.admin.helpers import AdminForm, InlineAdminFormSet
    from unfold.fields import UnfoldAdminReadonlyField

# The permission that a page needs by the last part of its URL; other pages need `view`.
PERMISSION_OF_PAGE = {"add": "{app}.add_{model}", "password": "{app}.change_{model}"}
HISTORY_PERMISSION = "audit.view_entry"  # histories are audit entries


def may_follow(user: User, url: str) -> bool:
    """Return whether the user may open the page; it asks for no row, so costs no query."""
    path = url.partition("?")[0].partition("#")[0]
    if not path.startswith(ADMIN_PATH):
        return True
    app, _, rest = path.removeprefix(ADMIN_PATH).partition("/")
    model, _, page = rest.partition("/")
    if not model:  # the dashboard, an app's list, one's own pages
        return True
    last = page.rstrip("/").rpartition("/")[2]
    if last == "history":
        return user.has_perm(HISTORY_PERMISSION)
    if last in PERMISSION_OF_PAGE:
        return user.has_perm(PERMISSION_OF_PAGE[last].format(app=app, model=model))
    # What may be changed may be viewed, as Django's admin has it.
    return any(user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change"))


def may_open_object(request: HttpRequest, obj: Model) -> bool:
    """Return whether the user may open the object's page, which may be outside the scope."""
    page = admin.site._registry.get(type(obj))  # noqa: SLF001 - `get_model_admin` raises
    if page is None or not page.has_view_permission(request):
        return False
    if signed_in_user(request).visible_groups is None:
        return True
    return page.get_queryset(request).filter(pk=obj.pk).exists()


def attach_request(request: HttpRequest, context: dict[str, object]) -> None:
    """Set the request on the forms of a page, for the links of their read-only fields."""
    main_form = cast("AdminForm", context["adminform"])
    formsets = cast("list[InlineAdminFormSet]", context["inline_admin_formsets"])
    for form in (main_form.form, *(form for one in formsets for form in one.formset.forms)):
        vars(form)["request"] = request


def link_read_only_fields() -> None:
    """Let unfold link the objects of read-only fields only where the user can open them.

    A form without a request of `attach_request` links nothing.
    """
    from unfold import fields

    link_all = fields.UnfoldAdminReadonlyField.get_admin_url

    def link_what_opens(
        self: "UnfoldAdminReadonlyField", remote_field: object, remote_obj: Model
    ) -> SafeString:
        request = getattr(self.form, "request", None)
        if request is None or not may_open_object(request, remote_obj):
            return format_html("{}", remote_obj)
        url: SafeString = link_all(self, remote_field, remote_obj)
        return url

    fields.UnfoldAdminReadonlyField.get_admin_url = link_what_opens
