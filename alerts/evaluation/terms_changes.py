"""What a change of mark-ups, or of an account's group, means for alerts.

Changed terms are found by the evaluation itself; it is only woken. The alerts of an account that
gets another group are marked here, in the transaction that moves it.
"""

from math import inf

from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_delete, post_save

from accounts.models import Account
from alerts.evaluation.published_levels import mark_changed_after_commit
from alerts.evaluation.queries import last_evaluated_seq_no
from alerts.models import Alert
from market.models import GroupTerms


def wake_for_terms(**_: object) -> None:
    """Have the evaluation read the terms, which were changed, at the next quote."""
    mark_changed_after_commit()


@transaction.atomic  # where the account is saved alone: the rows are locked
def follow_group(
    instance: Account,
    update_fields: frozenset[str] | None = None,
    *,
    created: bool = False,
    **_: object,
) -> None:
    """Have the alerts of an account whose group was saved look at the prices that it sees now.

    The caller holds the account's lock. Each alert goes on from where it is evaluated, which its
    row's lock holds still; one that is being evaluated is evaluated once more.
    """
    if created or not (update_fields is None or "group" in update_fields):
        return
    active = Alert.objects.active().filter(account=instance)
    rows = active.select_for_update(of=("self",), no_key=True).order_by("pk")
    evaluated = {pk: not fresh for pk, fresh in rows.values_list("pk", "fresh")}
    if not evaluated:
        return
    Alert.objects.filter(pk__in=evaluated).update(revision=F("revision") + 1)
    done = [pk for pk, is_done in evaluated.items() if is_done]
    Alert.objects.filter(pk__in=done).update(
        fresh=True, seen=last_evaluated_seq_no(), watched=None, wake_up=-inf, wake_down=None
    )
    mark_changed_after_commit()


def connect() -> None:
    """Follow the rows that decide what accounts see."""
    post_save.connect(wake_for_terms, sender=GroupTerms)
    post_delete.connect(wake_for_terms, sender=GroupTerms)
    post_save.connect(follow_group, sender=Account)
