"""What an action's form answers: the preview to confirm, and what was done."""

from dataclasses import replace

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html

from backoffice.actions.action import ActionPreview, ActionResult, AnyAction
from backoffice.actions.forms import AnyActionForm
from backoffice.actions.request_approval import approval_warnings
from core.users import User


def preview_action(
    actor: User, action: AnyAction, obj: Model | None, form: AnyActionForm
) -> ActionPreview:
    """Return the action's preview with its questions, and note in the form what is shown."""
    money = None if obj is None else action.approval_needed(obj, form.answers)
    preview = action.preview_for(actor, obj, form.answers)
    warnings = [*preview.warnings, *approval_warnings(money)]
    questions = () if obj is None else action.questions(obj, form.answers)
    form.confirm_preview(questions)
    return replace(preview, warnings=warnings, questions=questions)


def show_result(request: HttpRequest, result: ActionResult) -> None:
    """Say on the next page what was done, or that it is not done yet and where it goes on."""
    if result.is_done:
        messages.success(request, result.message)
    elif result.link is None:
        messages.warning(request, result.message)
    else:
        link = format_html('<a class="underline" href="{}">{}</a>', result.link.url, result.link)
        messages.warning(request, format_html("{} {}", result.message, link))
