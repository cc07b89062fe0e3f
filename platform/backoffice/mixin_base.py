"""The base of what is mixed into admin pages: for type checkers a page, at run time nothing."""

from typing import TYPE_CHECKING, Generic, TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    class MixinBase(ModelAdmin[M]): ...
else:

    class MixinBase(Generic[M]):
        pass
