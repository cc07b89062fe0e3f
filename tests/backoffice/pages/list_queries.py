"""Everything that a list offers: filters with their choices, searches, orders, pages."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin import filters
from django.contrib.admin.views.main import ChangeList
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db.models import Model
from django.test import RequestFactory
from unfold.contrib.filters.admin import SingleNumericFilter

from accounts.models import User
from backoffice.pages.list_filters import SecondsRange

Query = dict[str, str]
TERMS = ("100001", "alice", "alice@mail1.example", "EURUSD", "+44 (0)20 7946-0958", "ali EURUSD")
DAY = "2026-11-20"


def changelist_for(model: type[Model], who: User, query: Query) -> ChangeList:
    """Return the list as this person sees it at an address."""
    request = RequestFactory().get("/", query)
    request.user = who
    request.session = {}  # type: ignore[assignment]  # all that messages ask of it
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]  # as above
    page: Any = admin.site._registry[model]
    found: ChangeList = page.get_changelist_instance(request)
    return found


def offered_queries(model: type[Model], who: User) -> Iterator[Query]:
    """Yield the query of every single thing that the list offers."""
    plain = changelist_for(model, who, {})
    yield {}
    yield {"p": "2"}
    for number, entry in enumerate(plain.list_display):
        if plain.get_ordering_field(entry):
            yield from ({"o": str(number)}, {"o": f"-{number}"})
    for spec in plain.filter_specs:
        yield from filter_queries(spec)
    if plain.search_fields:
        yield from ({"q": term} for term in TERMS)


def filter_queries(spec: Any) -> Iterator[Query]:
    """Yield the queries of one filter; a new kind of filter has to be added here."""
    match spec:
        case SecondsRange():
            begin, end = {f"{spec.field_path}_from_0": DAY}, {f"{spec.field_path}_to_0": DAY}
            yield from (begin, end, begin | end)
        case SingleNumericFilter():
            yield {spec.field_path: "100001"}
        case filters.SimpleListFilter():
            yield from ({str(spec.parameter_name): str(value)} for value, _ in spec.lookup_choices)
        case filters.BooleanFieldListFilter():
            yield from ({spec.lookup_kwarg: value} for value in ("0", "1"))
        case filters.ChoicesFieldListFilter():
            yield from ({spec.lookup_kwarg: str(value)} for value, _ in spec.field.flatchoices)
        case filters.RelatedFieldListFilter():
            yield from ({spec.lookup_kwarg: str(key)} for key, _ in spec.lookup_choices)
        case _:
            raise AssertionError(
                f"how is {type(spec).__name__} asked? say it in tests/.../cases.py"
            )
