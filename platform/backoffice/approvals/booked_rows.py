"""Which request for approval a booked row came from."""

from collections.abc import Iterable, Sequence

from django.db.models import Model

from backoffice.models import Approval


def name_row(row: Model) -> str:
    """Return a row as `Approval.booked` names it, such as "trading.trade 79"."""
    return f"{row._meta.label_lower} {row.pk}"


def approvals_of(rows: Sequence[Model]) -> dict[object, Approval]:
    """Return the approval that each row came from, by its primary key, where it came from one."""
    keys = {name_row(row): row.pk for row in rows}
    found: Iterable[Approval] = Approval.objects.filter(booked__in=keys)
    return {keys[approval.booked]: approval for approval in found}
