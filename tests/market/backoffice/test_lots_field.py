"""Volumes of a symbol are typed and shown in lots."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from market.backoffice.symbol_form import LotsField
from market.models import Symbol
from tests.backoffice.forms import submit

PAGE = "/admin/market/symbol/EURUSD/change/"


def test_a_symbols_volumes_are_lots_in_its_form(
    admin: User, eurusd: Symbol, client: Client
) -> None:
    Symbol.objects.update(lot_min=5, lot_max=10_000, lot_step=5)
    client.force_login(admin)
    form = client.get(PAGE).context["adminform"].form
    shown = [form[name].value() for name in ("lot_min", "lot_max", "lot_step")]
    assert shown == ["0.05", "100.00", "0.05"]
    submit(client, PAGE, lot_min="0.10", lot_max="50")
    eurusd.refresh_from_db()
    assert (eurusd.lot_min, eurusd.lot_max, eurusd.lot_step) == (10, 5000, 5)


@pytest.mark.parametrize("text", ["0", "0.001", "-1", "x", "0.015", "1e2", "NaN"])
def test_what_is_no_volume_in_lots_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        LotsField().clean(text)
