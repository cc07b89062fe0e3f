"""Admin pages that explain an order, or what the margin rules did."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from backoffice.columns import NO_VALUE, format_amount, format_utc, tone_of
from backoffice.mixin_base import M
from backoffice.widgets.content import Cell, Link, Section, Table
from trading.backoffice.explanations import explain_report
from trading.evidence import order_evidence
from trading.evidence.quotes_around import quotes_around
from trading.models import Fill, MarginAction, Trade

if TYPE_CHECKING:
    from backoffice.pages.admin_pages import Page

    class Base(Page[M]): ...
else:

    class Base(Generic[M]):
        pass


class ExplainedPage(Base[M]):
    """A page of the admin with a further page that explains the row."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.explain_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_explain"
        return [path("<path:object_id>/explain/", view, name=name), *super().get_urls()]

    def links(self, request: HttpRequest, obj: M) -> Sequence[Link]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_explain"
        return [Link("Explain", reverse(name, args=[obj.pk]))]

    def explanation(self, obj: M) -> list[Section]:
        """Return what explains the row."""
        raise NotImplementedError

    def explain_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with the explanation; 404 for a row that the user may not see."""
        obj = self.require_object(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Why {obj} is as it is",
            "original": obj,
            "client": self.client_header(request, obj),
            "parts": self.explanation(obj),
        }
        return TemplateResponse(request, "backoffice/parts.html", context)


class ExplainedTrade(ExplainedPage[Trade]):
    """The explanation of an order by all evidence there is; its page shows its corrections."""

    def sections(self, request: HttpRequest, obj: Trade) -> Sequence[Section]:
        """Return the rows that correct the order, if there are any."""
        table = corrections_table(obj)
        return [Section("Corrected by", [table])] if table.rows else []

    def explanation(self, obj: Trade) -> list[Section]:
        return explain_report.order_sections(order_evidence.load_evidence(obj))


class ExplainedAction(ExplainedPage[MarginAction]):
    """The explanation of a margin action, on its own page as well."""

    def explanation(self, obj: MarginAction) -> list[Section]:
        return [explain_report.margin_action_section(obj, alone=True)]

    def sections(self, request: HttpRequest, obj: MarginAction) -> Sequence[Section]:
        return self.explanation(obj)

    def links(self, request: HttpRequest, obj: MarginAction) -> Sequence[Link]:
        own = [*super().links(request, obj)]
        return [*own, explain_link(obj.trade_id)] if obj.trade_id else own


class ExplainedFill(Base[Fill]):
    """The page of a fill, which explains it; its order has a page that explains all."""

    def sections(self, request: HttpRequest, obj: Fill) -> Sequence[Section]:
        obj.around = quotes_around(obj)
        return [explain_report.fill_section(obj)]

    def links(self, request: HttpRequest, obj: Fill) -> Sequence[Link]:
        return [explain_link(obj.trade_id, f"#fill-{obj.pk}")]


def corrections_table(trade: Trade) -> Table:
    """Return the rows that correct the order, oldest first."""
    rows = Trade.objects.filter(corrects=trade.pk).select_related("account__group")
    headers = ("Order", "Booked (UTC)", "#Amount", "Comment", "By staff")
    return Table(
        headers,
        [
            (
                Link(str(row.order), reverse("admin:trading_trade_change", args=[row.order])),
                format_utc(row.open_time),
                _signed_amount(row),
                row.comment,
                str(row.staff_id or NO_VALUE),
            )
            for row in rows.order_by("order")
        ],
    )


def _signed_amount(trade: Trade) -> Cell:
    currency = trade.account.group.currency
    text = f"{format_amount(trade.profit, currency)} {currency}"
    return Cell(text, tone=tone_of(trade.profit))


def explain_link(order: int, anchor: str = "") -> Link:
    """Return a link to the page that explains an order; `anchor` is a place on it."""
    url = reverse("admin:trading_trade_explain", args=[order])
    return Link(f"Explain order {order}", url + anchor)
