"""The engine's checkpoint in the tick log."""

from typing import ClassVar

from django.db import models


class EngineCheckpoint(models.Model):
    """The last batch that the engine has processed for one shard of the accounts.

    The shard's accounts are those with login mod `shards` = `shard`.

    While the number of shards is changed there are rows of several
    (`trading.engine.engine_checkpoints`).
    """

    shards = models.PositiveIntegerField(db_default=0)  # 0: by a release without it
    shard = models.PositiveIntegerField()
    batch = models.BigIntegerField(default=0)

    class Meta:
        db_table = "trading_engineplace"  # as it was created
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shards", "shard"], name="one_place_a_shard")
        ]
        # For the figures that its leader publishes (trading/backoffice/read_book_summary.py).
        permissions: ClassVar = [
            ("view_exposure", "Can view exposure by symbol and accounts near stop-out"),
            ("view_totals", "Can view totals of money"),
        ]

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.shards} at {self.batch}"
