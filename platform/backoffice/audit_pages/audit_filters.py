"""Filters of the audit's lists."""

from typing import ClassVar, Literal

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from audit.recording import OK
from backoffice.audit_pages import audit_words, distinct_values
from backoffice.pages.list_filters import DropdownFilter


class DistinctValueFilter(DropdownFilter):
    """Filters by one value of `column`, out of the values that are stored."""

    column: ClassVar[Literal["action", "model"]]

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(name, self.word(name)) for name in distinct_values.list_values(self.column)]

    def word(self, name: str) -> str:
        """Return what people call a value."""
        return name.replace("_", " ").replace("-", " ")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class ActionFilter(DistinctValueFilter):
    title = "action"
    parameter_name = "action"
    column = "action"


class ModelFilter(DistinctValueFilter):
    title = "what"
    parameter_name = "model"
    column = "model"

    def word(self, name: str) -> str:
        return audit_words.model_word(name)


class SignInOutcomeFilter(DropdownFilter):
    """Filters sign-ins by whether they succeeded or were refused."""

    title = "outcome"
    parameter_name = "came"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("in", "came in"), ("not", "was refused")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() == "in":
            return queryset.filter(outcome=OK)
        return queryset.exclude(outcome=OK) if self.value() == "not" else queryset
