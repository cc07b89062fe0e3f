"""The account types of the brute force as groups of the platform, with their terms."""

from django.db import transaction

from accounts.models import Account, Group
from market.models import GroupTerms
from tests.trading.engine.brute_force.account_types import PlannedChange, Shifts

FIRST = 500_000  # login


def type_name(number: int) -> str:
    """Return the name of a type's group."""
    return f"type {number}"


def store_shifts(group: Group, shifts: Shifts) -> None:
    """Replace the terms of a group."""
    for entry in GroupTerms.objects.filter(group=group, enabled=True):
        entry.enabled = False
        entry.save()
    for name, (bid, ask, spread) in shifts.items():
        markups = {} if spread is not None else {"bid_markup": bid, "ask_markup": ask}
        GroupTerms.objects.create(group=group, symbols=name, spread=spread, **markups)


@transaction.atomic
def store_change(change: PlannedChange) -> None:
    """Do as staff do who change a type's terms, or move an account."""
    group = Group.objects.get(name=type_name(change.type))
    if change.shifts is not None:
        store_shifts(group, change.shifts)
        return
    account = Account.objects.get(pk=FIRST + change.account)
    account.group = group
    account.save(update_fields=["group"])
