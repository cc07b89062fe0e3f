"""Admin page of the roles: those that the platform ships are read-only, a broker adds its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import django.contrib.auth.admin  # noqa: F401 - registers its own page first
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, ManyToManyField, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.columns import field_column
from backoffice.form_fields import RowsChoiceField
from backoffice.pages.admin_pages import Page
from backoffice.roles.roles import ROLES
from backoffice.roles.sentences import (
    compare_roles,
    describe_permission,
    grantable_permissions,
    group_by_section,
)
from backoffice.widgets.content import Section
from core.users import signed_in_user

if TYPE_CHECKING:
    GroupForm = ModelForm[Group]
else:
    GroupForm = ModelForm

admin.site.unregister(Group)
# As the menu says; "group" is an account group here. The field of a model's migration stays.
Group._meta.verbose_name, Group._meta.verbose_name_plural = "staff role", "staff roles"
apps.get_app_config("auth").verbose_name = "Staff"


class RoleForm(GroupForm):
    """A role of the broker's own."""

    def clean_name(self) -> str:
        """Refuse the names of the roles that the platform ships, in either case."""
        name: str = self.cleaned_data["name"]
        if name.casefold() in ROLES:
            raise ValidationError("The platform has a role of this name.")
        return name


@admin.register(Group)
class RolePage(Page[Group]):
    """Superusers alone see and change roles: they have every permission that they grant."""

    small = True
    form = RoleForm
    ordering = ("name",)
    list_display = (
        "name",
        field_column("name", "made by", lambda name: "platform" if name in ROLES else "broker"),
        field_column("members", "members", str, css_class="number"),
    )
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(members=Count("user"))

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        """Return the fields; what a role may do that cannot change, the table says."""
        return ("name",) if obj and obj.name in ROLES else ("name", "permissions")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(signed_in_user(request).is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return self.has_add_permission(request) and (obj is None or obj.name not in ROLES)

    def sections(self, request: HttpRequest, obj: Group) -> Sequence[Section]:
        return (compare_roles(obj),)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Model, Model]", request: HttpRequest, **kwargs: object
    ) -> RowsChoiceField | None:
        """Return the permissions as sentences under the titles of their sections."""
        permissions = grantable_permissions()
        field = RowsChoiceField(
            permissions, label="May", widget=UnfoldAdminCheckboxSelectMultipleWidget
        )
        field.choices = [
            (title, [(one.pk, describe_permission(one)) for one in some])
            for title, some in group_by_section(permissions)
        ]
        return field
