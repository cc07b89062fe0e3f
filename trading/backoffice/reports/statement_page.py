"""The admin page of a client's statement, its files, and the panel that leads to them."""

from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Account
from audit import recording
from backoffice.widgets.client_header import load_client_header
from backoffice.widgets.content import Cell, Content, FigureList, Link, Table
from backoffice.widgets.panel import Panel
from core.users import signed_in_user
from trading.backoffice.reports.report_form import PeriodForm, period_of_query, today
from trading.backoffice.reports.statement_file import (
    FILE_KINDS,
    TooLong,
    is_too_long,
    make_file,
    usual_statement_periods,
)
from trading.backoffice.reports.statement_tables import (
    statement_tables,
    summary_figures,
)
from trading.reports.account_statement import read_statement
from trading.reports.broker_result import Period

PERMISSION = "trading.view_statement"
MAX_PAGE_ROWS = 250  # posted rows that the page itself shows


def statement_routes(site: AdminSite) -> list[URLPattern]:
    """Return the routes of the page and its files, to be put before those of the list."""
    view = site.admin_view
    page = never_cache(view(lambda request, login: statement_page(request, site, login)))
    return [
        path("statement/<int:login>/", page, name="trading_statement"),
        path(
            "statement/<int:login>/<slug:kind>/",
            never_cache(view(statement_file)),
            name="trading_statement_file",
        ),
    ]


@require_safe
def statement_page(request: HttpRequest, site: AdminSite, login: int) -> HttpResponse:
    """Return the statement of some days, or the form with what is wrong with it."""
    account = _require_account(request, login)
    form = period_of_query(request.GET.dict())
    contents = _contents(account, form) if form.is_valid() else []
    kinds = [*FILE_KINDS] if form.is_valid() else []
    if kinds and is_too_long(account, form.period):
        kinds.remove("pdf")
    context = {
        **site.each_context(request),
        "title": f"Statement of {account.login}",
        "client": load_client_header(signed_in_user(request), account.login),
        "form": form,
        "periods": [
            (title, f"?{_query(period)}") for title, period in usual_statement_periods(today())
        ],
        "files": [(kind.upper(), f"{kind}/?{_query(form.period)}") for kind in kinds],
        "contents": contents,
    }
    return TemplateResponse(request, "trading/report.html", context)


@require_safe
def statement_file(request: HttpRequest, login: int, kind: str) -> HttpResponse:
    """Return the statement as a file, after an audit entry about it.

    Raises:
        Http404: no such account in the user's staff scope, an unknown kind of file, days that
            cannot be, or too many rows for it.
        PermissionDenied: the user may not make statements.
    """
    account = _require_account(request, login)
    form = period_of_query(request.GET.dict())
    if kind not in FILE_KINDS or not form.is_valid():
        raise Http404
    try:
        file = make_file(account, form.period, kind)
    except TooLong as refusal:
        raise Http404(refusal.message) from None
    values = {"file": kind, "first": str(form.period.first), "last": str(form.period.last)}
    recording.record_entry(request, "statement", account, after=values)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.content, content_type=file.content_type, headers=headers)


def _contents(account: Account, form: PeriodForm) -> list[tuple[str, list[Content]]]:
    """Return the statement as titled parts; a long one without its rows."""
    statement = read_statement(account, form.period)
    figures = FigureList(list(summary_figures(statement)))
    parts: list[tuple[str, list[Content]]] = [(f"Summary in {statement.currency}", [figures])]
    if len(statement.rows) > MAX_PAGE_ROWS:
        text = f"{len(statement.rows):,} rows: take them as a file."
        return [*parts, ("Rows", [Table((), (), empty=text)])]
    tables = statement_tables(statement)
    return parts + [(table.title, [Table(table.headers, table.rows)]) for table in tables]


def statement_panel(request: HttpRequest, account: Account) -> Table:
    """Return the links to the statements of the usual periods, on the account's page."""
    page = reverse("admin:trading_statement", args=[account.pk])
    rows = [
        [Cell(title, url=f"{page}?{_query(period)}"), f"{period.first}", f"{period.last}"]
        for title, period in usual_statement_periods(today())
    ]
    return Table(("Period", "From", "To"), rows, more=Link("Other days, PDF and CSV", page))


def _query(period: Period) -> str:
    return urlencode({"first": period.first, "last": period.last})


def _require_account(request: HttpRequest, login: int) -> Account:
    """Return the account with its group and user.

    Raises:
        Http404: there is none in the user's staff scope.
        PermissionDenied: the user may not make statements.
    """
    user = signed_in_user(request)
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
    accounts = user.limited(Account.objects.select_related("group", "user"), group="group")
    account = accounts.filter(pk=login).first()
    if account is None:
        raise Http404
    return account


PANELS = (Panel("accounts.account", "Statements", PERMISSION, statement_panel),)
