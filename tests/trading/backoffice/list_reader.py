"""Reads the lists of trades as staff see them."""

from django.test import Client

LIST = "/admin/trading/trade/"


def shown(client: Client, **query: str) -> list[int]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [row.order for row in answer.context["cl"].result_list]
