from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.revoked_token import RevokedToken
from accounts.tasks import prune_tokens


@pytest.mark.django_db
def test_pruning_removes_revoked_tokens_after_their_expiry() -> None:
    for jti, left in (("expired", timedelta(seconds=-1)), ("valid", timedelta(minutes=1))):
        RevokedToken.objects.create(jti=jti, expires=timezone.now() + left)
    prune_tokens()
    assert list(RevokedToken.objects.values_list("jti", flat=True)) == ["valid"]


def test_beat_prunes_tokens_once_a_day() -> None:
    assert settings.CELERY_BEAT_SCHEDULE[prune_tokens.name]["schedule"] == 86_400
