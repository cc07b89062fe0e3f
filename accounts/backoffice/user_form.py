"""The form of a user, which refuses rights that are useless."""

from typing import TYPE_CHECKING, ClassVar

from django.forms import ModelForm

from accounts.models import User
from accounts.staff_rights import find_rights_faults

if TYPE_CHECKING:
    PlainForm = ModelForm[User]
else:
    PlainForm = ModelForm

# What a person may do; only superusers edit them.
PERMISSION_FIELDS = ("type", "groups", "managed_groups")


class UserForm(PlainForm):
    """A user's profile and rights."""

    class Meta:
        labels: ClassVar = {"groups": "Roles"}
        help_texts: ClassVar = {"groups": "What a member of staff may do."}

    def clean(self) -> None:
        """Refuse rights that are useless, where they change."""
        super().clean()
        given, rights = self.cleaned_data, set(PERMISSION_FIELDS)
        if self.errors or not rights & set(self.changed_data):
            return
        roles = given["groups"] if "groups" in given else self.instance.groups.all()
        patterns = given.get("managed_groups", self.instance.managed_groups)
        faults = find_rights_faults(given.get("type", self.instance.type), roles, patterns)
        for field, fault in faults.items():
            self.add_error(field if field in self.fields else None, fault)
