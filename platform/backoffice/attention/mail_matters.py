"""E-mails to a role of the staff about what needs attention, each matter once.

The key of an e-mail names what it is about and the login, so that it is queued once, whatever
restarts. What comes and goes by itself is mailed once a day (UTC), and only if it lasts.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from backoffice.attention.matters import Case, Matter, count_text, find_open_matters
from backoffice.mails.queue import queue_mail
from backoffice.models import OutgoingMail
from core import redis
from core.clock import now
from core.users import User

SEEN = "attention:seen:"  # Redis key of a passing matter that the last run has seen
SEEN_LIFE = 150  # seconds: two runs and a half
MOST_NAMED = 20  # cases in one e-mail


def queue_attention_mails() -> int:
    """Queue an e-mail to each member of ATTENTION_MAIL_ROLE about what is new; return how many."""
    if not (settings.ATTENTION_MAIL_ROLE and settings.EMAIL_URL):
        return 0
    return sum(_queue_new(user) for user in members_of(settings.ATTENTION_MAIL_ROLE))


def members_of(role: str) -> QuerySet[User]:
    """Return the active staff of a role with an e-mail address; administrators are superusers."""
    chosen = Q(groups__name=role)
    if role == "administrator":
        chosen |= Q(is_superuser=True)
    staff = get_user_model()._default_manager.filter(chosen, type__gt=0, enable=True)
    members: QuerySet[User] = staff.exclude(email="").order_by("pk").distinct()
    return members


def _queue_new(user: User) -> int:
    mails = {key: (matter, cases) for key, matter, cases in _due_mails(user)}
    queued = set(OutgoingMail.objects.filter(key__in=mails).values_list("key", flat=True))
    return sum(
        queue_mail(key, user.email, *compose_mail(matter, cases))
        for key, (matter, cases) in mails.items()
        if key not in queued
    )


def _due_mails(user: User) -> Iterator[tuple[str, Matter, list[Case]]]:
    """Yield key, matter and cases of all e-mails that the user should have by now."""
    today = datetime.fromtimestamp(now(), UTC).date()
    for matter, cases in find_open_matters(user):
        if not matter.once_a_day:
            for case in cases:
                yield f"attention:{matter.key}:{case.key}:{user.pk}", matter, [case]
        elif _has_lasted(f"{matter.key}:{user.pk}"):
            yield f"attention:{matter.key}:{today}:{user.pk}", matter, cases


def _has_lasted(name: str) -> bool:
    """Return whether the last run has seen it too, and remember it for the next one."""
    return redis.sync_client().set(SEEN + name, 1, ex=SEEN_LIFE, get=True) is not None


def compose_mail(matter: Matter, cases: list[Case]) -> tuple[str, str]:
    """Return subject and text."""
    lines = [case.text for case in cases[:MOST_NAMED]]
    if len(cases) > MOST_NAMED:
        lines.append(f"and more: {count_text(cases)} in all")
    place = cases[0].url if len(cases) == 1 and cases[0].url else matter.url
    text = "\n".join([*lines, "", f"In the backoffice: {place}", ""])
    return f"{settings.BRAND_NAME}: {matter.title[0].lower()}{matter.title[1:]}", text
