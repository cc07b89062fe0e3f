"""Enums of delivery addresses and deliveries."""

from django.db import models

FAILING_AFTER = 3  # failures in a row: staff are shown the address


class Channel(models.IntegerChoices):
    EMAIL = 0, "e-mail"
    WEBHOOK = 1, "webhook"


class AddressState(models.IntegerChoices):
    UNVERIFIED = 0, "unverified"
    VERIFIED = 1, "verified"
    OFF = 2, "off"  # the endpoint answered 410, or has failed for days
    ENDED = 3, "ended"  # the client removed or replaced it


class DeliveryState(models.IntegerChoices):
    WAITING = 0, "waiting"
    DELIVERED = 1, "delivered"
    GIVEN_UP = 2, "given up"
