"""The pages beside the API answer with and without a trailing slash, whatever the headers."""

import pytest
from django.test import Client

ADDRESSES = ["/healthz", "/schema", "/docs"]


@pytest.fixture
def client(db: None) -> Client:
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("accept", ["*/*", "image/png", "application/json", "nonsense", ""])
def test_each_page_answers_with_and_without_slash_to_any_accept(
    client: Client, address: str, slash: str, accept: str
) -> None:
    assert client.get(address + slash, headers={"accept": accept}).status_code == 200


@pytest.mark.parametrize("query", ["format=png", "lang=%00", "lang=xx", "version=%00"])
def test_the_schema_ignores_a_query(client: Client, query: str) -> None:
    assert client.get(f"/schema?{query}").status_code == 200


def test_the_schema_is_json_if_accept_says_so(client: Client) -> None:
    answer = client.get("/schema", headers={"accept": "application/json"})
    assert answer.json()["openapi"].startswith("3.")


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_healthz_answers_every_method(client: Client, method: str, slash: str) -> None:
    answer = getattr(client, method)(f"/healthz{slash}")
    assert answer.status_code == 200
    assert answer["content-type"] == "application/json"
