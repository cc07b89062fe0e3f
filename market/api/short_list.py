"""The answer of `GET /market/short/list`, written once for all clients that would get the same."""

from typing import NamedTuple

from accounts.models import Group
from api.long_table import ReadyJSON
from core import json
from core.clock import now
from market import visibility
from market.api.assets import serialize_short_list
from market.catalog import Catalog, current_catalog
from market.quotes.quote import find_shared_quotes
from market.quotes.shared_quotes import NO_VERSION, SharedQuotes
from market.sessions.timetable import Timetable, current_timetable

MOST_ANSWERS = 1000  # of groups


class _Basis(NamedTuple):
    """What an answer was made of; each is another object, or second, once it has changed."""

    quotes: SharedQuotes
    catalog: Catalog
    timetable: Timetable
    second: int  # sessions begin and end, and closes a day ago follow

    def is_same(self, other: "_Basis") -> bool:
        return self.second == other.second and all(
            mine is its for mine, its in zip(self[:3], other[:3], strict=True)
        )


# By what decides of the group.
_answers: dict[tuple[int, str] | None, tuple[_Basis, ReadyJSON]] = {}


def short_list_of(group: Group | None) -> ReadyJSON:
    """Return the list that the group's clients see; all symbols for None."""
    basis = _Basis(find_shared_quotes(), current_catalog(), current_timetable(), now())
    key = (group.pk, group.hidden_symbols) if group else None
    cached = _answers.get(key)
    if cached is not None and cached[0].is_same(basis):
        return cached[1]
    answer = serialize_short_list(visibility.visible_symbols(group), group)
    ready = ReadyJSON(json.dumps(answer))
    if len(_answers) >= MOST_ANSWERS:
        _answers.clear()
    if basis.quotes.version != NO_VERSION:
        _answers[key] = basis, ready
    return ready


def clear_short_lists() -> None:
    """Drop all answers."""
    _answers.clear()
