"""Choices of other rows, in filters and forms, within the user's staff scope."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import FieldListFilter, RelatedFieldListFilter
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import HttpRequest

from backoffice.mixin_base import M, MixinBase

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.forms import ModelChoiceField, ModelMultipleChoiceField

    One = ModelChoiceField[Any]
    Many = ModelMultipleChoiceField[Any]


def visible_rows(
    request: HttpRequest, page: "ModelAdmin[Any]", model: type[Model]
) -> QuerySet[Model] | None:
    """Return the rows of `model` that its own page would list; None where it has no page."""
    site = page.admin_site
    return site.get_model_admin(model).get_queryset(request) if site.is_registered(model) else None


class VisibleRowsFilter(RelatedFieldListFilter):
    """A filter by another table's rows within the user's staff scope."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> list[tuple[str, Any]]:
        rows = visible_rows(request, model_admin, field.related_model)
        if rows is None:
            return super().field_choices(field, request, model_admin)
        return [(row.pk, str(row)) for row in rows]


# Before unfold's and Django's own filters, so that no page has to name it.
FieldListFilter.register(
    lambda field: bool(field.remote_field), VisibleRowsFilter, take_priority=True
)


class VisibleChoicesMixin(MixinBase[M]):
    """An admin page whose form fields of other rows offer those in the user's staff scope."""

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "One | None":
        rows = visible_rows(request, self, db_field.related_model)
        if rows is not None:
            kwargs.setdefault("queryset", rows)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "Many | None":
        rows = visible_rows(request, self, db_field.related_model)
        if rows is not None:
            kwargs.setdefault("queryset", rows)
        return super().formfield_for_manytomany(db_field, request, **kwargs)
