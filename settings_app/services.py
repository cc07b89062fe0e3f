"""Changes of settings. The account's row is locked first, so that the limit holds."""

from collections.abc import Mapping

from django.conf import settings

from accounts.models import Account
from core.clock import now
from core.locks import transactional
from realtime.events.event_log import append_events
from realtime.events.types import EventCode, StoredItemEvent, StoredKind
from settings_app.errors import TooManySettings
from settings_app.models import Setting
from settings_app.reserved_prefixes import reserved_settings

MOST_SETTINGS = 1000  # of one login, all prefixes together


@transactional
def save_settings(*, login: int, prefix: str, values: Mapping[str, str]) -> None:
    """Write the values (name → JSON text), all or none.

    Raises:
        TooManySettings: the login's limit would be exceeded.
        Invalid, TooFrequent: the section that reserves the prefix refuses them.
    """
    account = Account.objects.locked(login)
    name = next(iter(values)) if len(values) == 1 else None
    _announce(account, prefix, name, EventCode.UPDATE)
    if prefix in reserved_settings():
        reserved_settings()[prefix].save(login=login, values=values)
        return
    _check_room(login, prefix, values)
    time = now()
    Setting.objects.bulk_create(
        (
            Setting(user_id=login, prefix=prefix, name=name, value=value, updated_time=time)
            for name, value in values.items()
        ),
        update_conflicts=True,
        unique_fields=["user", "prefix", "name"],
        update_fields=["value", "updated_time"],
    )


@transactional
def delete_settings(*, login: int, prefix: str, name: str | None = None) -> None:
    """Delete one setting, or the whole prefix; it may be gone already."""
    account = Account.objects.locked(login)
    if prefix in reserved_settings():
        _announce(account, prefix, name, EventCode.DELETE)
        reserved_settings()[prefix].delete(login=login, name=name)
        return
    gone = Setting.objects.of_login(login, prefix)
    if name is not None:
        gone = gone.filter(name=name)
    if gone.delete()[0]:
        _announce(account, prefix, name, EventCode.DELETE)


def _announce(account: Account, prefix: str, name: str | None, code: EventCode) -> None:
    """Append the event of one setting, or without a name of a prefix."""
    key = prefix if name is None else f"{prefix}/{name}"
    append_events(account, StoredItemEvent(StoredKind.SETTING, key, code))


def _check_room(login: int, prefix: str, values: Mapping[str, str]) -> None:
    """Refuse values by which a login would exceed its limits.

    A login that exceeds a limit, which may have been lowered, can still make its settings
    fewer or smaller.

    Raises:
        TooManySettings: too many settings, or too many bytes of values.
    """
    if len(values) > MOST_SETTINGS:
        raise TooManySettings(f"a login keeps at most {MOST_SETTINGS} settings")
    stored = Setting.objects.of_login(login)
    number, size, replaced, freed = stored.count_with_replaced(prefix, list(values))
    more = len(values) - replaced
    larger = sum(len(value.encode()) for value in values.values()) - freed
    if more > 0 and number + more > MOST_SETTINGS:
        raise TooManySettings(f"a login keeps at most {MOST_SETTINGS} settings")
    most: int = settings.SETTINGS_BYTES
    if larger > 0 and size + larger > most:
        raise TooManySettings(f"the settings of a login have at most {most} bytes together")
