"""Admin page of e-mails: what was queued to whom, and whether the mail server took it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.columns import Column, field_column, time_column
from backoffice.models import OutgoingMail
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.list_cards import CardColumns

COLUMNS: tuple[Column, ...] = (
    "id",
    time_column("created_at", "queued"),
    "to",
    "subject",
    field_column("state", "state", str),
    time_column("sent_at", "sent"),
    "tries",
    "error",
)
del COLUMNS[4].admin_order_field  # a property: the database cannot sort by it


@admin.register(OutgoingMail)
class OutgoingMailPage(ReadOnlyPage[OutgoingMail]):
    """E-mails without their content: a thousand rows, those of ninety days."""

    small = True
    card = CardColumns(title=("subject", "state"), texts=("to",))
    list_display = COLUMNS
    search_fields = ("to", "subject")
    fields = (
        ("to", "subject"),
        (COLUMNS[1], COLUMNS[4]),
        (COLUMNS[5], "tries"),
        ("attachment_name", time_column("due", "next try")),
        "error",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingMail]:
        return super().get_queryset(request).defer("text", "attachment")
