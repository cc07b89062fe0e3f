"""Queries of delivery addresses and deliveries, with the two statements they are sent by."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, models

from alerts.deliveries import delivery_sql
from alerts.deliveries.enums import FAILING_AFTER, AddressState, Channel, DeliveryState
from core.clock import HOUR_MS, now_ms

if TYPE_CHECKING:
    from alerts.deliveries.models import Address, Delivery

SUMMARY_GRACE = 60_000  # ms after an hour, longer than any transaction that writes in it
UNBOUNDED = 2**31 - 1


class AddressQuerySet(models.QuerySet["Address"]):
    """Queries of delivery addresses."""

    def in_use(self, login: int) -> "AddressQuerySet":
        """Return the addresses that the client has set, at most one a channel."""
        return self.filter(account=login, state__lt=AddressState.ENDED)

    def failing(self) -> "AddressQuerySet":
        """Return the addresses in use that failed FAILING_AFTER times in a row or more."""
        return self.filter(failures__gte=FAILING_AFTER, state__lt=AddressState.ENDED)

    def locked(self, login: int, channel: Channel) -> "Address | None":
        """Return the client's address under lock; the caller holds the account's lock."""
        in_use = self.in_use(login).filter(channel=channel)
        return in_use.select_for_update(of=("self",), no_key=True).first()


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Queries of deliveries."""

    def insert_for_logs(self, logs: Collection[tuple[int, int]], time: int) -> int:
        """Insert deliveries of logs (id, login) to verified addresses; return how many.

        `time` is now, in unix ms. Firings beyond the hourly limit of an address are added
        to its summary instead.
        """
        if not logs:
            return 0
        # As text: adapting lists would cost more than all the rest.
        ids, logins = (f"{{{','.join(map(str, column))}}}" for column in zip(*logs, strict=True))
        hour = time // HOUR_MS
        values: dict[str, int | str] = {
            "now": time,
            "hour": hour,
            "summary": (hour + 1) * HOUR_MS + SUMMARY_GRACE,
            "emails": int(settings.ALERT_EMAILS_HOUR) or UNBOUNDED,
            "webhooks": int(settings.ALERT_WEBHOOKS_HOUR) or UNBOUNDED,
            "ids": ids,
            "logins": logins,
        }
        with connection.cursor() as cursor:
            cursor.execute(delivery_sql.INSERT_FOR_LOGS, values)
            return int(cursor.fetchone()[0])

    def due(self) -> "DeliveryQuerySet":
        """Return what can be sent now, including claimed deliveries whose lease has run out."""
        time = now_ms()
        return self.filter(
            state=DeliveryState.WAITING, next_try__lte=time, address__rest_until__lte=time
        )

    def claim(self) -> "Delivery | None":
        """Claim the next due delivery and its address for the length of a lease; None: none."""
        with connection.cursor() as cursor:
            cursor.execute(delivery_sql.CLAIM, {"now": now_ms()})
            row = cursor.fetchone()
        if row is None:
            return None
        return self.select_related("address", "log").get(pk=row[0])

    def waiting(self, address: "Address") -> "DeliveryQuerySet":
        """Return the deliveries that still wait for this address."""
        return self.filter(address=address, state=DeliveryState.WAITING)
