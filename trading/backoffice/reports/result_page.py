"""The admin page of the broker's result, and its files."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from audit import recording
from backoffice.exports.export_mixin import EXPORT_PERMISSION, FILE_KINDS
from core.users import signed_in_user
from trading.backoffice.reports.report_form import ReportForm, form_of_query, usual_periods
from trading.backoffice.reports.result_tables import file_rows, file_titles, result_contents
from trading.reports.broker_result import BrokerResult, read_result

PERMISSION = "trading.view_report"


def report_routes(site: AdminSite) -> list[URLPattern]:
    """Return the routes of the page and its files, to be put before those of the list."""
    view = site.admin_view
    return [
        path("report/", view(lambda request: report_page(request, site)), name="trading_report"),
        path("report/export/<slug:kind>/", view(report_file), name="trading_report_export"),
    ]


@require_safe
def report_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Return the report, or the form with what is wrong with it."""
    _require_permission(request)
    form = form_of_query(request.GET.dict())
    contents = result_contents(_read(request, form)) if form.is_valid() else []
    can_export = form.is_valid() and request.user.has_perm(EXPORT_PERMISSION)
    context = {
        **site.each_context(request),
        "title": "Reports",
        "form": form,
        "periods": usual_periods(str(form["grouping"].value())),
        "contents": contents,
        "files": [
            (kind.upper(), f"export/{kind}/?{request.GET.urlencode()}")
            for kind in FILE_KINDS
            if can_export
        ],
    }
    return TemplateResponse(request, "trading/report.html", context)


@require_safe
def report_file(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """Return the report's rows as a file, after an audit entry about it.

    Raises:
        Http404: an unknown kind of file, or a period that cannot be.
        PermissionDenied: the user may not export.
    """
    _require_permission(request)
    if not request.user.has_perm(EXPORT_PERMISSION):
        raise PermissionDenied
    form = form_of_query(request.GET.dict())
    if kind not in FILE_KINDS or not form.is_valid():
        raise Http404
    result = _read(request, form)
    period, grouping = result.period, result.grouping
    recording.record_entry(
        request,
        "export",
        model="trading.report",
        after={
            "file": kind,
            "first": str(period.first),
            "last": str(period.last),
            "by": grouping.value,
        },
    )
    content_type, chunks_of = FILE_KINDS[kind]
    name = f"broker-result-{period.first}-{period.last}-by-{grouping.value}.{kind}"
    return StreamingHttpResponse(
        list(chunks_of(file_titles(result), file_rows(result))),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _read(request: HttpRequest, form: ReportForm) -> BrokerResult:
    """Return the report of a valid form over the groups that the user may see."""
    visible = signed_in_user(request).visible_groups
    return read_result(form.period, form.chosen_grouping, visible)


def _require_permission(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the user may see the report."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
