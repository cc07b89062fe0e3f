"""Previews of changes before they are saved: the form comes back with their effect.

A section declares as `save_previews` which changes these are (`core.sections`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Generic

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from audit.recording import serialize_values
from backoffice.mixin_base import M, MixinBase
from backoffice.pages.reason_mixin import REASON_MISSING, ReasonedForm
from backoffice.widgets.content import Table
from core.sections import load_items
from core.users import User

DIGEST_FIELD = "_previewed"
NOT_SAVED_YET = "Nothing is saved yet. Look at what this change does, and confirm it."


@dataclass(frozen=True, slots=True)
class SaveEffect:
    """What saving a change would do: a sentence, warnings, and tables."""

    summary: str
    warnings: Sequence[str] = ()
    tables: Sequence[Table] = ()


class SavePreview(Generic[M]):
    """The preview of a change of `terms` of an object of `model` (`market.symbol`)."""

    model: ClassVar[str]
    terms: ClassVar[tuple[str, ...]]
    covers_additions: ClassVar[bool] = False  # whether a new object is previewed too

    def preview(self, actor: User, before: M, after: M) -> SaveEffect | None:
        """Return the effect of saving `after` in the place of `before`; None: nothing to show.

        Nothing is written. The effect holds only what `actor` may see.
        """
        raise NotImplementedError

    def preview_addition(self, actor: User, added: M) -> SaveEffect | None:
        """Return the effect of saving a new object, as `preview` does."""
        raise NotImplementedError


AnySavePreview = SavePreview[Any]  # of whichever model


@cache
def previews_by_model() -> dict[str, AnySavePreview]:
    """Return the declared previews by model."""
    classes: list[type[AnySavePreview]] = load_items("save_previews")
    return {kind.model: kind() for kind in classes}


class PreviewedForm(ReasonedForm):
    """A form that is invalid until a change of the terms was previewed and confirmed.

    The confirmation takes a reason.
    """

    save_preview: ClassVar[AnySavePreview]
    actor: ClassVar[User]
    effect: SaveEffect | None = None
    digest = ""

    def check_confirmation(self) -> None:
        kind, before = type(self.instance), None
        if self.instance.pk:
            before = kind._default_manager.filter(pk=self.instance.pk).first()
        changes = changed_terms(before or kind(), self.instance, self.save_preview.terms)
        if changes or before is None:
            self._require_preview(before, changes)
        if self.effect is None:
            super().check_confirmation()

    def _require_preview(self, before: Model | None, changes: dict[str, object]) -> None:
        """Add the effect and an error, unless the change was confirmed with a reason."""
        digest = change_digest(before or self.instance, changes)
        confirmed = self.data.get(DIGEST_FIELD) == digest
        if confirmed and self.reason:
            return
        if before is None:
            self.effect = self.save_preview.preview_addition(self.actor, self.instance)
        else:
            self.effect = self.save_preview.preview(self.actor, before, self.instance)
        if self.effect is None:
            return
        self.digest = digest
        self.add_error(
            None, ValidationError(REASON_MISSING if confirmed else NOT_SAVED_YET, code="preview")
        )


def changed_terms(before: Model, after: Model, terms: Sequence[str]) -> dict[str, object]:
    """Return the terms that change, each with its text before and after."""
    old, new = (
        serialize_values({name: getattr(row, name) for name in terms}) for row in (before, after)
    )
    return {name: [old[name], new[name]] for name in terms if old[name] != new[name]}


def change_digest(obj: Model, changes: dict[str, object]) -> str:
    """Return a keyed hash of this change of the object as it is stored now."""
    return salted_hmac("backoffice.save", repr((str(obj.pk), sorted(changes.items())))).hexdigest()


class PreviewMixin(MixinBase[M]):
    """An admin page whose form previews the changes that a section declares."""

    change_form_before_template = "backoffice/impact.html"

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> type["ModelForm[M]"]:
        save_preview = previews_by_model().get(self.opts.label_lower)
        form = super().get_form(request, obj, change=change, **kwargs)
        if save_preview is None or not (change or save_preview.covers_additions):
            return form
        return type(
            form.__name__,
            (PreviewedForm, form),
            {"save_preview": save_preview, "actor": request.user},
        )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        """Return the page, with the effect if that is what keeps the form from being saved."""
        form = context["adminform"].form
        if getattr(form, "effect", None) is not None:
            context |= {"impact": form.effect, "impact_digest": form.digest, "errors": None}
        return super().render_change_form(request, context, add, change, form_url, obj)
