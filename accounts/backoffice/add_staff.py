"""The staff action that adds a member of staff, with every right in one form."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.contrib.auth.models import Group as Role
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.enums import SessionType
from accounts.models import User
from accounts.services import staff
from accounts.staff_rights import find_rights_faults
from backoffice.actions.action import ActionResult, AuditValues, ReasonAnswers
from backoffice.actions.forms import ActionForm
from backoffice.form_fields import RowsChoiceField, offer_rows
from backoffice.site.user_actions import StaffAccessAction
from backoffice.widgets.one_time_secret import password_to_pass_on
from core import name_patterns

STAFF_TYPES = [(kind.value, kind.label) for kind in SessionType if kind != SessionType.USER]


class NewStaffAnswers(ReasonAnswers):
    """What `NewStaffForm` asks."""

    name: str
    email: str
    type: int
    groups: QuerySet[Role]
    managed_groups: str


class NewStaffForm(ActionForm[None]):
    """The form of a new member of staff; the password is generated."""

    name = forms.CharField(max_length=128)
    email = forms.EmailField(max_length=254, label="E-mail")
    type = forms.TypedChoiceField(
        choices=STAFF_TYPES, coerce=int, help_text="An admin may do everything, without a role."
    )
    groups = RowsChoiceField(
        Role.objects.none(),
        label="Roles",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    managed_groups = forms.CharField(
        label="Sees the account groups",
        max_length=256,
        required=False,
        validators=[name_patterns.validate_name_patterns],
        help_text="STD-*,!STD-TEST: all that begin with STD-, but that one. Empty: all.",
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, obj: None, actor: User) -> None:
        super().__init__(data, obj=obj, actor=actor)
        offer_rows(self.fields["groups"], Role.objects.order_by("name"))

    def clean(self) -> None:
        """Refuse rights that are useless."""
        given = self.cleaned_data
        if self.errors:
            return
        faults = find_rights_faults(given["type"], given["groups"], given["managed_groups"])
        for field, fault in faults.items():
            self.add_error(field, fault)


class AddStaff(StaffAccessAction):
    """Add a member of staff, who gets a login and a generated password."""

    name, title, icon = "add-staff", "Add staff", "person_add"
    form = NewStaffForm
    on_list = True
    danger: ClassVar[bool] = False

    def state(self, obj: User) -> AuditValues:
        return {
            "type": SessionType(obj.type).label,
            "groups": [f"{role.name} (#{role.pk})" for role in obj.groups.order_by("name")],
            "managed_groups": obj.managed_groups,
        }

    def run(self, actor: User, obj: User | None, data: NewStaffAnswers) -> ActionResult:  # type: ignore[override]
        password = staff.generate_password()
        user = staff.add_staff(
            password=password,
            kind=SessionType(data["type"]),
            roles=data["groups"],
            managed_groups=data["managed_groups"],
            name=data["name"],
            email=data["email"],
        )
        secret = password_to_pass_on("Password", password)
        return ActionResult(f"{user.name} has the login {user.pk}.", user, secret=secret)
