"""Admin pages that explain an order, or what the margin rules did."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from backoffice.acting.panel import Link
from backoffice.parts import Part
from trading import explain, explain_text
from trading.models import Fill, MarginAction, Trade
from trading.staff import evidence

if TYPE_CHECKING:
    from backoffice.base import Page

    Base = Page[Any]
else:
    Base = object

Told = tuple[list[Part], str]  # the sections of a page, and the same as text


class Explained(Base):
    """A page of the admin with a further page that explains the row."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.explain_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_explain"
        return [path("<path:object_id>/explain/", view, name=name), *super().get_urls()]

    def links(self, request: HttpRequest, row: Any) -> Sequence[Link]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_explain"
        return [Link("Explain", reverse(name, args=[row.pk]))]

    def told(self, row: Any) -> Told:
        """Return what explains the row."""
        raise NotImplementedError

    def explain_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with the explanation; 404 for a row that the user may not see."""
        row = self.shown_row(request, object_id)
        parts, words = self.told(row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Why {row} is as it is",
            "original": row,
            "parts": parts,
            "words": words,
        }
        return TemplateResponse(request, "backoffice/parts.html", context)


class ExplainedTrade(Explained):
    """The explanation of an order by all evidence there is."""

    def told(self, row: Trade) -> Told:
        found = explain.evidence(row)
        words = explain_text.lines(explain.told(found, to_staff=True))
        return evidence.of_order(found), "\n".join(words)


class ExplainedAction(Explained):
    """The explanation of a margin action."""

    def told(self, row: MarginAction) -> Told:
        return [evidence.of_action(row)], ""

    def links(self, request: HttpRequest, row: Any) -> Sequence[Link]:
        own = [*super().links(request, row)]
        return [*own, link_to(row.trade_id)] if row.trade_id else own


class ExplainedFill(Base):
    """The page of a fill, which is explained with its order."""

    def links(self, request: HttpRequest, row: Fill) -> Sequence[Link]:
        return [link_to(row.trade_id, f"#fill-{row.pk}")]


def link_to(order: int, place: str = "") -> Link:
    """Return a link to the page that explains an order; `anchor` is a place on it."""
    url = reverse("admin:trading_trade_explain", args=[order])
    return Link(f"Explain order {order}", url + place)
