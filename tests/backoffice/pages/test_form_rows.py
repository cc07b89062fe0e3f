"""Rows of the admin's forms: three fields side by side are too narrow for their contents."""

from django.contrib.admin import site
from django.test import RequestFactory

from accounts.models import User


def test_no_row_of_a_form_has_more_than_two_inputs(admin: User, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = admin
    crowded = [
        (model._meta.label, row)
        for model, page in site._registry.items()
        if page.has_change_permission(request)
        for _, options in page.get_fieldsets(request)
        for row in options["fields"]
        if not isinstance(row, str) and len(row) > 2 and "fifo" not in row  # ticks alone
    ]
    assert crowded == []
