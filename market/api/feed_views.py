"""The route by which a bridge pushes quotes."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.input import Input
from api.schema.operation import object_schema, operation
from api.viewsets import ApiViewSet
from core.clock import LAST_TIME
from core.errors import Denied
from market.api.feed_authentication import FeedTokenAuthentication, MayPushQuotes
from market.enums import Refusal
from market.errors import FeedBusy, FeedNotPush
from market.feed.adapters import push_inbox
from market.feed.adapters.push_inbox import PushedQuote

MOST_QUOTES = 10_000  # quotes of one request
LAST_TIME_MS = LAST_TIME * 1000  # a larger number would be microseconds
REFUSED = {
    "type": "array",
    "items": {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"type": "string", "enum": Refusal.values}],
    },
}
ANSWER = object_schema(accepted="integer", refused=REFUSED)


@extend_schema_field(
    {"type": "array", "maxItems": MOST_QUOTES, "items": {"type": "array", "items": {}}}
)
class QuotesField(serializers.Field[list[PushedQuote], object, object, object]):
    """`[[symbol, bid, ask, ctm in unix ms], …]`; the feed checks the prices, not this field."""

    def to_internal_value(self, data: object) -> list[PushedQuote]:
        if not isinstance(data, list):
            raise serializers.ValidationError("must be a list of [symbol, bid, ask, ctm_ms]")
        if len(data) > MOST_QUOTES:
            raise serializers.ValidationError(f"must be at most {MOST_QUOTES} quotes")
        return [self._parse_quote(index, value) for index, value in enumerate(data)]

    def to_representation(self, value: list[PushedQuote]) -> list[PushedQuote]:
        return value

    def _parse_quote(self, index: int, value: object) -> PushedQuote:
        """Return the quote; raise ValidationError, with its index, where it has another form."""
        match value:
            case [
                str(symbol),
                int() | float() as bid,
                int() | float() as ask,
                int() | float() as ctm,
            ]:
                whole = not any(isinstance(part, bool) for part in value) and ctm == int(ctm)
                if whole and 0 < ctm <= LAST_TIME_MS:
                    return symbol.upper(), float(bid), float(ask), int(ctm)
        raise serializers.ValidationError(f"element {index} must be [symbol, bid, ask, ctm_ms]")


class PushInput(Input):
    """Quotes as they came."""

    example: ClassVar = {"quotes": [["EURUSD", 1.1, 1.1001, 1_790_000_000_000]]}

    quotes = QuotesField(help_text="[[symbol, bid, ask, ctm_ms], …], in time order per symbol")


class FeedViewSet(ApiViewSet):
    """Quotes from a bridge or liquidity provider."""

    tag = "Feed"
    authentication_classes = [FeedTokenAuthentication]
    permission_classes = [MayPushQuotes]

    @operation(
        "Push quotes into the feed",
        request=PushInput,
        response=ANSWER,
        errors=[Denied, FeedNotPush, FeedBusy],
    )
    def push(self, request: Request) -> Response:
        """The answer means: in the feed's stream, evaluated in order, exactly once."""
        return Response(
            push_inbox.push_quotes(
                **self.validated(),
                once=self.idempotent_write.digest() if self.idempotent_write else "",
            )
        )
