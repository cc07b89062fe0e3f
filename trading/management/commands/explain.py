"""`manage.py explain ORDER`: print the evidence for how an order was filled."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.numbers import read_integer
from trading.errors import TradeNotFound
from trading.evidence import explain_text, order_evidence


class Command(BaseCommand):
    help = "Show an order with its fills, quotes, figures, rules, swaps, pieces and corrections."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("order", type=read_integer)

    def handle(self, *_: object, order: int, **__: object) -> None:
        try:
            trade = order_evidence.require_trade(order)
        except TradeNotFound as error:
            raise CommandError(error.message) from error
        for line in explain_text.explanation_lines(
            order_evidence.explain_order(trade, to_staff=True)
        ):
            self.stdout.write(line)
