"""Changes of a row that are previewed before they are saved: the form comes back with what they do.

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
    """What a change would do: a sentence, things to mind, and titled tables."""

    words: str
    warnings: Sequence[str] = ()
    tables: Sequence[tuple[str, Content]] = field(default_factory=list)


class SavePreview:
    """What a change of `terms` of a row of `model` (`market.symbol`) does elsewhere."""

    model: ClassVar[str]
    terms: ClassVar[tuple[str, ...]]

    def preview(self, by: Any, before: Any, after: Any) -> Impact | None:
        """What saving `after` in the place of `before` does; None: nothing to look at.

        `by` is shown only what he may see. Nothing is written.
        """
        raise NotImplementedError


@cache
def previews() -> dict[str, SavePreview]:
    """By model."""
    kinds: list[type[SavePreview]] = load_items("save_previews")
    return {kind.model: kind() for kind in kinds}


class PreviewedForm(RowForm):
    """Is not valid until its change of the terms was shown and confirmed, with a reason."""

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
    """The terms that change, each as it is spelt before and after."""
    old, new = (shown({name: getattr(row, name) for name in terms}) for row in (before, after))
    return {name: [old[name], new[name]] for name in terms if old[name] != new[name]}


def digest_of(row: Model, changes: dict[str, Any]) -> str:
    """Stands for this change of this row, as it is stored now."""
    return salted_hmac("backoffice.save", repr((str(row.pk), sorted(changes.items())))).hexdigest()


class Previewing(Base):
    """A page whose form previews the changes that a section asks to preview."""

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
        """With the preview, if that is what keeps the form from being saved."""
        form = context["adminform"].form
        if getattr(form, "impact", None) is not None:
            context |= {"impact": form.impact, "impact_digest": form.digest, "errors": None}
            context["impact_reason"] = request.POST.get(REASON, "")
        return super().render_change_form(request, context, *args, **kwargs)
