"""Changes of scripts. The account's row is locked first, so that the limits hold."""

from accounts.models import Account
from core.clock import now
from core.errors import Invalid
from core.locks import transactional
from realtime.events.event_log import append_events
from realtime.events.types import EventCode, StoredItemEvent, StoredKind
from scripts.enums import Visibility
from scripts.errors import ScriptNotFound, TooManyScripts
from scripts.models import Script

CONTENT = {"name", "script", "description", "kind", "language"}  # what staff publish
MOST_SCRIPTS = 1000  # of one login
MOST_BYTES = 8 * 1024 * 1024  # of one login: `GET /scripts` returns all of them at once


@transactional
def create_script(*, login: int, by_staff: bool = False, **fields: object) -> Script:
    """Store a new script.

    Raises:
        TooManyScripts: the login's limit is reached.
        Invalid: a client would publish it.
    """
    account = Account.objects.locked(login)
    if fields.get("visibility") == Visibility.PUBLIC and not by_staff:
        raise Invalid("visibility: only staff publish scripts")
    before, time = Script.objects.of_login(login).count_and_bytes(), now()
    script = Script.objects.create(user_id=login, created_time=time, updated_time=time, **fields)
    _check_limits(login, before)
    _announce(account, script.pk, EventCode.ADD)
    return script


@transactional
def update_script(
    *, login: int, script_id: int, by_staff: bool = False, **fields: object
) -> Script:
    """Change the named fields of one of the login's scripts.

    A public script whose owner changes it becomes private: staff published another text.

    Raises:
        ScriptNotFound: the login has no such script.
        TooManyScripts: the login's texts would become too many bytes.
        Invalid: a client would change who sees it.
    """
    account = Account.objects.locked(login)
    before = Script.objects.of_login(login).count_and_bytes()
    script = Script.objects.of_login(login).filter(id=script_id).first()
    if script is None:
        raise ScriptNotFound
    if not by_staff:
        if fields.pop("visibility", script.visibility) != script.visibility:
            raise Invalid("visibility: only staff change who sees a script")
        if any(getattr(script, name) != fields[name] for name in CONTENT.intersection(fields)):
            fields["visibility"] = Visibility.PRIVATE
    for name, value in {**fields, "updated_time": now()}.items():
        setattr(script, name, value)
    script.save()
    _check_limits(login, before)
    _announce(account, script_id, EventCode.UPDATE)
    return script


@transactional
def delete_script(*, login: int, script_id: int) -> Script:
    """Delete one of the login's scripts; return it as it was.

    Raises:
        ScriptNotFound: the login has no such script.
    """
    account = Account.objects.locked(login)
    script = Script.objects.of_login(login).filter(id=script_id).first()
    if script is None:
        raise ScriptNotFound
    Script.objects.filter(id=script_id).delete()
    _announce(account, script_id, EventCode.DELETE)
    return script


def _announce(account: Account, script_id: int, code: EventCode) -> None:
    append_events(account, StoredItemEvent(StoredKind.SCRIPT, str(script_id), code))


def _check_limits(login: int, before: tuple[int, int]) -> None:
    """Refuse the write, which is rolled back, where it exceeds a limit.

    A login that exceeded a limit before, which may have been lowered, can still make
    changes that add nothing to it.

    Raises:
        TooManyScripts: too many scripts, or too many bytes of texts.
    """
    number, size = Script.objects.of_login(login).count_and_bytes()
    if number > max(MOST_SCRIPTS, before[0]):
        raise TooManyScripts(f"a login keeps at most {MOST_SCRIPTS} scripts")
    if size > max(MOST_BYTES, before[1]):
        raise TooManyScripts(f"the scripts of a login have at most {MOST_BYTES} bytes together")
