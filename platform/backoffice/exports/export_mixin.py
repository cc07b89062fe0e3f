"""CSV and XLSX exports of every list: its rows, in its order, with its columns."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path

from audit import recording
from backoffice.columns import Column
from backoffice.exports import cells, files
from backoffice.mixin_base import M, MixinBase
from core.clock import now

EXPORT_PERMISSION = "backoffice.export"
FETCH_ROWS = 2000  # rows that are fetched from the server at a time
NUL = "\0"  # no text in PostgreSQL can hold it
# By file extension: the content type, and what makes the file.
FILE_KINDS = {
    "csv": ("text/csv; charset=utf-8", files.csv_chunks),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        files.xlsx_chunks,
    ),
}


class ExportMixin(MixinBase[M]):
    """An admin page whose list can be exported by users with the permission.

    Files have the columns of the list and `export_columns`.
    """

    export_columns: ClassVar[tuple[Column, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/<slug:kind>/", view, name=name), *super().get_urls()]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(EXPORT_PERMISSION)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Return the list with the links to its files."""
        refuse_nul(request)
        more: dict[str, object] = {}
        if self.has_export_permission(request):
            query = request.GET.copy()
            query.pop(PAGE_VAR, None)
            more = {"export_kinds": tuple(FILE_KINDS), "export_query": query.urlencode()}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def export_view(self, request: HttpRequest, kind: str) -> StreamingHttpResponse:
        """Return the file, after an audit entry about the export.

        Raises:
            Http404: an unknown kind, another method than GET, or filters that cannot be.
            PermissionDenied: the user may not export.
        """
        if kind not in FILE_KINDS or request.method != "GET":
            raise Http404
        if not self.has_export_permission(request):
            raise PermissionDenied
        refuse_nul(request)
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            raise Http404 from None
        listed = [entry for entry in changelist.list_display if entry != "action_checkbox"]
        entries = [*listed, *(more for more in self.export_columns if more not in listed)]
        query = {name: request.GET.getlist(name) for name in request.GET if name != PAGE_VAR}
        recording.record_entry(
            request, "export", model=self.opts.label_lower, after={"file": kind, "query": query}
        )
        content_type, chunks_of = FILE_KINDS[kind]
        read = cells.cell_reader(self, entries)
        rows = (read(row) for row in export_rows(changelist))
        chunks = chunks_of(cells.column_titles(self, entries), rows)
        name = f"{self.opts.model_name}-{now()}.{kind}"
        return StreamingHttpResponse(
            yield_async(chunks) if isinstance(request, ASGIRequest) else chunks,
            content_type=content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def export_rows(changelist: Any) -> Iterator[Model]:
    """Yield all rows as they are at one moment, by a server-side cursor.

    In a transaction of its own: outside of one PostgreSQL would write all of them down first.
    """
    with transaction.atomic():
        rows = changelist.queryset.iterator(chunk_size=FETCH_ROWS)
        while chunk := list(islice(rows, FETCH_ROWS)):
            changelist.complete(chunk)
            yield from chunk


async def yield_async(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the same chunks to an ASGI server, which would gather a plain iterator's in memory."""
    next_chunk = sync_to_async(lambda: next(chunks, b""))
    while chunk := await next_chunk():
        yield chunk


def refuse_nul(request: HttpRequest) -> None:
    """Refuse filters with a NUL character, which only a typed URL has.

    Raises:
        Http404: there is one.
    """
    filters = (values for name, values in request.GET.lists() if name != SEARCH_VAR)
    if any(NUL in value for values in filters for value in values):
        raise Http404
