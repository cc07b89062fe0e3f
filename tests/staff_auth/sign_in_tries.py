"""Sign-in tries over REST and in the admin, from networks and devices of the test's choice."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from audit.models import SignIn
from core import redis
from tests.backoffice.forms import sign_in
from tests.factories import PASSWORD

HOME, AWAY = "198.51.100.7", "203.0.113.9"
WRONG = (403, "USER_NOT_FOUND_OR_INCORRECT")
SLOWED = (429, "RET_TOO_FREQUENT")


def sign_in_over_rest(
    login: int, password: str = PASSWORD, address: str = HOME, device: Any = None, **more: str
) -> Any:
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    if device is not None:
        client.cookies["device"] = device.cookies["device"].value
    body: Any = {"login": login, "password": password, **more}
    return client.post("/sign/in", body, REMOTE_ADDR=address)


def fail_from_many_networks(login: int, tries: int = 21) -> list[Any]:
    """Make that many wrong tries, each from another network."""
    return [
        sign_in_over_rest(login, "not the password", f"10.0.{number}.1") for number in range(tries)
    ]


def sign_in_to_admin(
    login: int, address: str = HOME, device: Client | None = None, code: str = ""
) -> Client:
    client = Client(REMOTE_ADDR=address)
    if device is not None:
        client.cookies["device"] = device.cookies["device"].value
    sign_in(client, str(login), code=code)
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def wait_out() -> None:
    """Reset the counted failures, as a quarter of an hour does."""
    for key in redis.sync_client().keys("limit:sign_failures*"):
        redis.sync_client().delete(key)


def outcomes() -> list[str]:
    return list(SignIn.objects.order_by("id").values_list("outcome", flat=True))
