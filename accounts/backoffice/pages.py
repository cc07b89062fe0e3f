"""Admin pages of people, their trading accounts and the account groups."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from accounts.backoffice.staff_columns import STAFF_COLUMNS, UserList
from accounts.backoffice.user_form import PERMISSION_FIELDS, UserForm
from accounts.enums import SessionType
from accounts.models import PERSON_SEARCH, Account, Group, User
from backoffice.columns import NO_VALUE, Column, field_column, money_column, time_column
from backoffice.pages.admin_pages import Page, ReadOnlyPage
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import ChoicesDropdownFilter
from backoffice.pages.new_password_form import NewPasswordForm
from backoffice.pages.preview_mixin import PreviewMixin
from backoffice.site.search_everywhere import FoundRows
from core.locks import transactional
from core.text_search import move_under

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec as Fieldsets

    PasswordView = UserAdmin[User]
else:
    PasswordView = UserAdmin

PERIOD_END_BALANCES = {
    "prevbalance": "balance at the day's end",
    "prevmonthbalance": "at the month's end",
}


@admin.register(User)
class UserPage(Page[User], PasswordView):
    """Profiles and access. Clients are added with their accounts, staff by an action."""

    group_path = "account__group"
    card = CardColumns(title=("login", "name"), texts=("email", "type", "group"))
    list_display = (
        "login",
        "name",
        "email",
        "type",
        "enable",
        "group",
        time_column("regdate", "since"),
    )
    list_select_related = ("account__group",)
    list_filter = ("enable", ("type", ChoicesDropdownFilter))
    ordering = ("login",)
    search_numbers = ("login",)
    search_people = (PERSON_SEARCH,)
    filter_horizontal = ()
    form = UserForm
    change_password_form = NewPasswordForm
    fieldsets = (
        (
            None,
            {"fields": ("login", "name", "email", "phone", time_column("regdate", "registered"))},
        ),
        ("Address", {"fields": ("address", ("zipcode", "city"), ("state", "country"))}),
        (
            "Access",
            {"fields": ("enable", "enable_change_password", *PERMISSION_FIELDS, "password_link")},
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[UserList]:
        return UserList

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        """Return the columns; how staff sign in is for superusers, who mend it."""
        staff_columns = STAFF_COLUMNS if is_superuser_request(request) else ()
        return (*self.list_display, *staff_columns)

    @transactional
    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - the name that Django gives it
        form_url: str = "",
    ) -> HttpResponse:
        """Set the new password and record it in the audit, in one transaction."""
        return super().user_change_password(request, id, form_url)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Allow changes of staff to superusers alone: a password gives another's permissions."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_staff or is_superuser_request(request))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> "Fieldsets":
        """Return the fields, without the link to a form that the user may not open."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [f for f in options["fields"] if f != "password_link"]})
            for title, options in fieldsets
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[Column, ...]:
        read_only = ("login", self.fieldsets[0][1]["fields"][-1], "password_link")
        if obj and obj.login == getattr(request.user, "login", None):
            # Nobody can take their own access away.
            return (*read_only, "enable", *PERMISSION_FIELDS)
        if not is_superuser_request(request):
            return (*read_only, *PERMISSION_FIELDS)
        return read_only if obj and obj.is_staff else (*read_only, "managed_groups")

    def apply_consequences(self, obj: User, columns: set[str]) -> set[str]:
        """End all sessions when the type or the access changes; return the columns to save."""
        if not columns & {"type", "enable"}:
            return set()
        obj.is_superuser = obj.type == SessionType.ADMIN
        return {"is_superuser", *obj.end_sessions()}

    @admin.display(description="group")
    def group(self, obj: User) -> str:
        account = getattr(obj, "account", None)
        return account.group.name if account else NO_VALUE

    @admin.display(description="password")
    def password_link(self, obj: User) -> str:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">Set a new one…</a>',
            "../password/",
        )


EMAIL = field_column("user.email", "email", str)


@admin.register(Account)
class AccountPage(ReadOnlyPage[Account]):
    """The figures of trading accounts; deposits and withdrawals are staff actions."""

    group_path = "group"
    card = CardColumns(
        title=("user_id", "user_name"),
        figure="balance",
        texts=("group",),
        details=("leverage",),
    )
    list_display = (
        field_column("user_id", "login", str),
        field_column("user.name", "name", str),
        EMAIL,
        "group",
        *(money_column(name, name, "group.currency") for name in ("balance", "credit")),
        "leverage",
        "enable_read_only",
        field_column("user.enable", "enabled", lambda yes: "yes" if yes else "no"),
    )
    list_select_related = ("user", "group")
    list_filter = ("group", "enable_read_only", "user__enable")
    search_numbers = ("user",)
    ordering = ("user_id",)
    search_people = (move_under(PERSON_SEARCH, "user"),)
    found_rows = FoundRows[Account](
        "Client",
        "account_balance_wallet",
        lambda account: str(account.user),
        lambda account: account.group.name,
    )
    fields = (  # beside what the header says
        ("group", "enable_read_only"),
        tuple(
            money_column(name, title, "group.currency")
            for name, title in PERIOD_END_BALANCES.items()
        ),
        "comment",
    )

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        """Return the columns; addresses are for those who may see people, exports included."""
        may_see_people = request.user.has_perm("accounts.view_user")
        return tuple(c for c in self.list_display if c is not EMAIL or may_see_people)


@admin.register(Group)
class GroupPage(PreviewMixin[Group], Page[Group]):
    """The account groups with their conditions."""

    small = True
    group_path = "pk"
    card = CardColumns(
        title=("name", "title"),
        texts=("currency", "account_mode"),
        details=("leverage",),
    )
    list_display = (
        "name",
        "title",
        "currency",
        "account_mode",
        "enabled",
        "public",
        "trade_enabled",
        "leverage",
        "margin_call",
        "margin_stopout",
    )
    list_filter = ("account_mode", "enabled", "public")
    search_fields = ("name", "title")
    fieldsets = (
        (None, {"fields": ("name", "title", ("currency", "account_mode"))}),
        ("Opening", {"fields": (("enabled", "public"), ("leverage", "default_deposit"))}),
        (
            "Trading",
            {
                "fields": (
                    ("trade_enabled", "hedge_allowed", "fifo"),
                    ("max_positions", "max_deviation"),
                    ("gap_rule", "allow_sl_tp_slippage"),
                    "hidden_symbols",
                )
            },
        ),
        (
            "Margin",
            {
                "fields": (
                    ("margin_mode", "margin_rate_mode"),
                    ("conversion", "conversion_prices"),
                    ("hedge_margin", "hedge_price"),
                    ("margin_type", "margin_call_recovery"),
                    ("margin_call", "margin_stopout"),
                    ("stopout_order", "stopout_skip_hedged"),
                    "negative_balance_protection",
                )
            },
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Group | None = None
    ) -> tuple[str, ...]:
        return ("currency",) if obj else ()  # the accounts' balances are in this currency


def is_superuser_request(request: HttpRequest) -> bool:
    """Check whether the user of the request is a superuser."""
    return bool(getattr(request.user, "is_superuser", False))
