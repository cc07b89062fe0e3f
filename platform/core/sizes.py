"""How much is stored, as PostgreSQL counts it."""

from django.db import models


class OctetLength(models.Func):
    """Bytes of a text, without reading it."""

    function = "octet_length"
    output_field = models.BigIntegerField()
