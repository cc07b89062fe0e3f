"""Previews of changes before they are saved: the form comes back with their effect.

A section declares as `save_previews` which changes these are (`core.sections`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from audit.recording import shown
from backoffice.acting.panel import Content
from backoffice.audited import REASON
from core.sections import load_items

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    Base = ModelAdmin[Any]
    RowForm = ModelForm[Any]
else:
    Base, RowForm = object, ModelForm

DIGEST = "_previewed"
NOT_YET = "Nothing is saved yet. Look at what this change does, and confirm it."
NO_REASON = "Say why the change is made."


@dataclass(frozen=True, slots=True)
class Impact:
    """What saving a change would do: a sentence, warnings, and titled tables."""

    words: str
    warnings: Sequence[str] = ()
    tables: Sequence[tuple[str, Content]] = field(default_factory=list)


class SavePreview:
    """The preview of a change of `terms` of an object of `model` (`market.symbol`)."""

    model: ClassVar[str]
    terms: ClassVar[tuple[str, ...]]

    def preview(self, by: Any, before: Any, after: Any) -> Impact | None:
        """Return the effect of saving `after` in the place of `before`; None: nothing to show.

        Nothing is written. The effect holds only what `actor` may see.
        """
        raise NotImplementedError


@cache
def previews() -> dict[str, SavePreview]:
    """Return the declared previews by model."""
    kinds: list[type[SavePreview]] = load_items("save_previews")
    return {kind.model: kind() for kind in kinds}


class PreviewedForm(RowForm):
    """A form that is invalid until a change of the terms was previewed and confirmed.

    The confirmation takes a reason.
    """

    asked: ClassVar[SavePreview]
    by: ClassVar[Any]
    impact: Impact | None = None
    digest = ""

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound or self.errors:
            return
        before = type(self.instance)._default_manager.get(pk=self.instance.pk)
        changes = differing(before, self.instance, self.asked.terms)
        if changes:
            self._look(before, changes)

    def _look(self, before: Model, changes: dict[str, Any]) -> None:
        """Add the effect and an error, unless the change was confirmed with a reason."""
        digest = digest_of(before, changes)
        confirmed = self.data.get(DIGEST) == digest
        if confirmed and self.data.get(REASON, "").strip():
            return
        self.impact = self.asked.preview(self.by, before, self.instance)
        if self.impact is None:
            return
        self.digest = digest
        self.add_error(None, ValidationError(NO_REASON if confirmed else NOT_YET, code="preview"))


def differing(before: Model, after: Model, terms: Sequence[str]) -> dict[str, Any]:
    """Return the terms that change, each with its text before and after."""
    old, new = (shown({name: getattr(row, name) for name in terms}) for row in (before, after))
    return {name: [old[name], new[name]] for name in terms if old[name] != new[name]}


def digest_of(row: Model, changes: dict[str, Any]) -> str:
    """Return a keyed hash of this change of the object as it is stored now."""
    return salted_hmac("backoffice.save", repr((str(row.pk), sorted(changes.items())))).hexdigest()


class Previewing(Base):
    """An admin page whose form previews the changes that a section declares."""

    change_form_before_template = "backoffice/impact.html"

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        asked = previews().get(self.opts.label_lower)
        form = super().get_form(request, obj, change=change, **kwargs)
        if asked is None or not change or obj is None:
            return form
        return type(form.__name__, (PreviewedForm, form), {"asked": asked, "by": request.user})

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Return the page, with the effect if that is what keeps the form from being saved."""
        form = context["adminform"].form
        if getattr(form, "effect", None) is not None:
            context |= {"impact": form.effect, "impact_digest": form.digest, "errors": None}
            context["impact_reason"] = request.POST.get(REASON, "")
        return super().render_change_form(request, context, *args, **kwargs)
