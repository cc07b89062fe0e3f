"""Admin page of the roles, read-only: `backoffice.roles.roles` says what they may do."""

import django.contrib.auth.admin  # noqa: F401 - registers its own page first
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.pages.admin_pages import ReadOnlyPage

admin.site.unregister(Group)


@admin.register(Group)
class RolePage(ReadOnlyPage[Group]):
    small = True
    ordering = ("name",)
    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name", "permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).prefetch_related("permissions__content_type")
