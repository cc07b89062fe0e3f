"""API routes for staff about many accounts, by permission and staff scope."""

from collections.abc import Callable, Mapping

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from api.schema.operation import operation, table_schema
from api.table import ApiTable
from api.viewsets import ApiViewSet
from core.errors import Denied
from core.users import signed_in_user
from trading.api import accounts_tables
from trading.api.field_meanings import ACCOUNT_MEANINGS
from trading.api.serializers import ListAccounts

TableBuilder = Callable[[accounts_tables.Accounts, Mapping[str, object]], ApiTable]


class StaffAccountViewSet(ApiViewSet):
    """Lists of the accounts that a member of staff may see."""

    tag = "Staff"
    field_meanings = ACCOUNT_MEANINGS
    staff_permission = "accounts.view_account"

    def build_table(self, build: TableBuilder) -> Response:
        """Return the table of the visible accounts, or of the one whose login is sent.

        Raises:
            Denied: the session is a client's, or the role sees no accounts.
        """
        data = self.validated()
        user = signed_in_user(self.request)
        if not (user.is_staff and user.has_perm(self.staff_permission)):
            raise Denied("this is for staff who see accounts")
        accounts = user.limited(Account.objects.all(), group="group")
        if self._target_login:
            accounts = accounts.filter(pk=self._target_login)
        return Response(build(accounts, data))

    @operation(
        "List accounts",
        request=ListAccounts,
        response=table_schema(accounts_tables.ACCOUNT_COLUMNS, count="integer"),
        errors=(Denied,),
    )
    def accounts(self, request: Request) -> Response:
        """What is stored of each, by login unless `orderBy` says otherwise."""
        return self.build_table(accounts_tables.list_accounts)

    @operation(
        "List balances",
        request=ListAccounts,
        response=table_schema(accounts_tables.BALANCE_COLUMNS, count="integer"),
        errors=(Denied,),
    )
    def balances(self, request: Request) -> Response:
        """Figures at the newest quotes; filters go by what is stored."""
        return self.build_table(accounts_tables.list_balances)

    @operation(
        "List margin calls",
        request=ListAccounts,
        response=table_schema(accounts_tables.CALL_COLUMNS, count="integer"),
        errors=(Denied,),
    )
    def margin_calls(self, request: Request) -> Response:
        """The accounts whose margin call has not ended; filters go by every column."""
        return self.build_table(accounts_tables.list_margin_calls)
