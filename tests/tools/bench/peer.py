"""The peer: the same lists as plain DRF ModelViewSets with ModelSerializers."""

from typing import Any, ClassVar

from django.urls import path
from rest_framework import serializers, viewsets

from accounts.models import Account
from market.models import Symbol
from trading.models import Trade


class TradeSerializer(serializers.ModelSerializer[Trade]):
    class Meta:
        model = Trade
        fields = "__all__"


class SymbolSerializer(serializers.ModelSerializer[Symbol]):
    class Meta:
        model = Symbol
        fields = "__all__"


class AccountSerializer(serializers.ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = "__all__"
        depth: ClassVar = 1


class Trades(viewsets.ModelViewSet[Trade]):
    serializer_class = TradeSerializer

    def get_queryset(self) -> Any:
        return Trade.objects.positions().filter(account=self.request.user.pk)


class Symbols(viewsets.ModelViewSet[Symbol]):
    serializer_class = SymbolSerializer
    queryset = Symbol.objects.all()


class Me(viewsets.ModelViewSet[Account]):
    serializer_class = AccountSerializer

    def get_queryset(self) -> Any:
        return Account.objects.filter(pk=self.request.user.pk).select_related("user", "group")


READ: Any = {"get": "list"}
urlpatterns = [
    path("trades", Trades.as_view(READ)),
    path("market/short/list", Symbols.as_view(READ)),
    path("account/me", Me.as_view(READ)),
]
