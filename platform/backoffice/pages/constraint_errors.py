"""Violated constraints of a model as errors at the fields of its form."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import BaseConstraint, CheckConstraint, F, Model, Q, UniqueConstraint
from django.db.models.expressions import BaseExpression
from django.forms import ModelForm

if TYPE_CHECKING:
    RowForm = ModelForm[Model]
else:
    RowForm = ModelForm


class ConstrainedForm(RowForm):
    """A form that shows every violated constraint at one of the fields that it is about."""

    def _update_errors(self, errors: ValidationError) -> None:
        """Add what the model refuses, as Django does; constraints at a field of theirs.

        Django has them among the general errors, which do not say which constraint it was.
        """
        found = errors.update_error_dict({})
        exclude = self._get_validation_exclusions() | found.keys()  # type: ignore[attr-defined]
        violated = list(self._violated_constraints(exclude))
        texts = {text for _, error in violated for text in error.messages}
        general = [one for one in found.pop(NON_FIELD_ERRORS, []) if texts.isdisjoint(one.messages)]
        if general:
            found[NON_FIELD_ERRORS] = general
        if found:
            super()._update_errors(ValidationError(found))  # type: ignore[misc]  # Django's own
        for constraint, error in violated:
            self._add_violation(constraint, error)

    def _violated_constraints(
        self, exclude: set[str]
    ) -> Iterator[tuple[BaseConstraint, ValidationError]]:
        """Yield the violated constraints that are about no excluded field, with Django's error."""
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                try:
                    constraint.validate(model, self.instance, exclude=exclude)
                except ValidationError as error:
                    yield constraint, error

    def _add_violation(self, constraint: BaseConstraint, error: ValidationError) -> None:
        names = [name for name in constrained_fields(constraint) if name in self.fields]
        if not names:
            self.add_error(None, error)
            return
        name = next((name for name in names if name in self.changed_data), names[0])
        sentence: ValidationError | str = error
        if constraint.violation_error_message == constraint.default_violation_error_message:
            others = [f"“{self[other].label}”" for other in names if other != name]
            sentence = (
                f"Does not go together with {' and '.join(others)}." if others else "Not allowed."
            )
        self.add_error(name, sentence)


def constrained_fields(constraint: BaseConstraint) -> list[str]:
    """Return the names of the fields that the constraint is about, in its order."""
    if isinstance(constraint, CheckConstraint):
        return list(dict.fromkeys(_fields_in(constraint.condition)))
    return list(constraint.fields) if isinstance(constraint, UniqueConstraint) else []


def _fields_in(node: object) -> Iterator[str]:
    """Yield the names of the fields in a condition, or in a part of one."""
    if isinstance(node, Q):
        for child in node.children:
            yield from _fields_in(child)
    elif isinstance(node, tuple):  # a lookup with its value
        yield str(node[0]).split("__")[0]
        yield from _fields_in(node[1])
    elif isinstance(node, F):
        yield str(node.name)  # type: ignore[attr-defined]  # it has one
    elif isinstance(node, BaseExpression):
        for source in node.get_source_expressions():
            yield from _fields_in(source)
