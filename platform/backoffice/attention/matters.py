"""What may need the attention of staff; apps declare it as `attention` (`core.sections`).

The menu of every page counts it, so the cases of a matter are read once in CACHE_SECONDS by
each process for all staff of the same scope.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache as cache_forever

from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import RedisError

from core.sections import load_items
from core.users import User

CACHE_SECONDS = 5.0
MOST_CASES = 100  # of a matter that are read
Groups = Collection[int] | None  # ids of the account groups in scope; None: all


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a matter, and the page where it is mended; `key` tells it from others.

    It is not shown to `hidden_from`, logins of staff who may do nothing about it.
    """

    key: str
    text: str
    url: str = ""
    hidden_from: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """What may need attention, for staff with the permission.

    `find` returns its cases in the groups of a scope, at most MOST_CASES, in one cheap
    statement or Redis command. `route` is the page in the menu that has its badge, and
    `query` chooses its cases there. E-mails are about each case, or `once_a_day` about all.
    """

    key: str
    title: str
    permission: str
    route: str
    find: Callable[[Groups], list[Case]]
    query: str = ""
    superusers_only: bool = False
    urgent: bool = True
    once_a_day: bool = False

    @property
    def page(self) -> str:
        """Return the URL of the page with the badge."""
        return reverse(self.route)

    @property
    def url(self) -> str:
        """Return the URL of all cases."""
        return f"{self.page}{self.query}"

    def is_visible_to(self, user: User) -> bool:
        """Return whether the user may do something about it."""
        return user.has_perm(self.permission) and (user.is_superuser or not self.superusers_only)


@cache_forever
def all_matters() -> tuple[Matter, ...]:
    """Return what the apps declare, the most urgent first."""
    return tuple(sorted(load_items("attention"), key=lambda matter: not matter.urgent))


def visible_matters(user: User) -> list[Matter]:
    """Return the matters that the user may do something about."""
    return [matter for matter in all_matters() if matter.is_visible_to(user)]


def find_open_matters(user: User) -> list[tuple[Matter, list[Case]]]:
    """Return the matters that have cases for the user, at most CACHE_SECONDS old."""
    matters = visible_matters(user)
    if not matters:
        return []
    groups = user.visible_groups
    scope = "all" if groups is None else ",".join(map(str, groups))
    keys = {matter: f"attention:{matter.key}:{scope}" for matter in matters}
    cached = cache.get_many(keys.values())
    found = []
    for matter, key in keys.items():
        cases = cached.get(key)
        if cases is None:
            cases = find_cases(matter, groups)
            cache.set(key, cases, CACHE_SECONDS)
        own = [case for case in cases if user.pk not in case.hidden_from]
        if own:
            found.append((matter, own))
    return found


def find_cases(matter: Matter, groups: Groups) -> list[Case]:
    """Return the cases now; without Redis one that says so."""
    try:
        return matter.find(groups)
    except RedisError:
        return [Case("redis", "unknown: Redis does not answer")]


def count_text(cases: Collection[Case]) -> str:
    """Return the number of cases for people."""
    return f"{MOST_CASES - 1}+" if len(cases) >= MOST_CASES else str(len(cases))
