"""What the audit's lists call actions and models, and what an entry changed, in a line."""

from django.apps import apps
from django.utils.text import capfirst

from audit.models import Entry
from backoffice.actions import registry
from backoffice.audit_pages.diff_table import compare_fields
from backoffice.columns import NO_VALUE

OUTCOMES = {
    "OK": "signed in",
    "USER_NOT_FOUND_OR_INCORRECT": "wrong login or password",
    "RET_ACCOUNT_DISABLED": "account disabled",
    "RET_TOO_FREQUENT": "too many tries",
}
MOST_CHANGES = 2  # that a line of the list has


def model_word(label: str) -> str:
    """Return the name of `section.model` for people, or itself where there is none any more."""
    try:
        return capfirst(str(apps.get_model(label)._meta.verbose_name))
    except (LookupError, ValueError):
        return label


def action_word(model: str, name: str) -> str:
    """Return the title of a staff action, or the name of what is none: change, export."""
    action = registry.all_actions().get((model, name))
    return action.title if action else capfirst(name.replace("_", " ").replace("-", " "))


def outcome_word(code: str) -> str:
    """Return how an attempt to sign in ended."""
    return OUTCOMES.get(code, code.replace("_", " ").lower())


def changes_in_short(entry: Entry) -> str:
    """Return the first changed fields with before and after."""
    changed = [
        f"{name} {after}" if before == NO_VALUE else f"{name} {before} → {after}"
        for css_class, name, before, after in compare_fields(entry)
        if css_class == "changed" and before != after
    ]
    more = len(changed) - MOST_CHANGES
    return ", ".join(changed[:MOST_CHANGES]) + (f" and {more} more" if more > 0 else "")
