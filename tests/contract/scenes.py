"""Scenes by name, each a function that prepares the world of a row."""

from typing import Any

from django.db import connection
from rest_framework_simplejwt.backends import TokenBackend

from accounts.models import User
from alerts.enums import AlertSide, AlertStatus, Condition, RepeatMode
from alerts.models import Alert
from alerts.services import create_alert, delete_alert
from api.idempotency.claims import write_lock_name
from core.clock import now
from core.locks import advisory_key
from core.session_tokens import SessionToken
from market.models import WatchItem
from realtime.models import AccountEvent
from scripts import services as scripts
from scripts.enums import Visibility
from scripts.models import Script
from settings_app import services as settings
from tests import factories
from tests.api.sample_rows import create_alert_log
from tests.contract.conditions import ALICE, BOB
from tests.contract.world import World
from tests.factories import D
from trading import services
from trading.enums import Cmd, Reason

# --- sessions -----------------------------------------------------------------------------


def an_expired_token(world: World) -> None:
    """`{token}` was good until a second ago."""
    token = SessionToken.issue(ALICE, 0, 1)
    token["exp"] = now() - 1
    world.known["token"] = str(token)


def a_forged_token(world: World) -> None:
    """`{token}` is signed with another key."""
    payload = SessionToken.issue(ALICE, 0, 1).payload
    world.known["token"] = TokenBackend("HS256", signing_key="x" * 50).encode(payload)


def a_token_of_another_device(world: World) -> None:
    """`{token}` is Alice's, of a session of its own."""
    world.known["token"] = str(SessionToken.issue(ALICE, 0, world.alice.user.session_version))


def a_client_without_account(world: World) -> None:
    """Login 100009 belongs to no group."""
    User.objects.create_user(100009, factories.PASSWORD)


def a_public_group(world: World) -> None:
    """`open-usd` takes sign-ups and gives 500 USD at the start."""
    factories.group("open-usd", public=True, default_deposit=500, account_mode="DEMO")


def a_pending_sign_up(world: World) -> None:
    """Number 9 waits for its code."""
    a_public_group(world)
    factories.pending_sign_up(9, "open-usd", "ABCD2345")


def a_thousand_events(world: World) -> None:
    """Behind the two of Alice's deposit."""
    AccountEvent.objects.bulk_create(
        AccountEvent(login=ALICE, seq=seq, time=now(), event=["b", ALICE]) for seq in range(3, 1003)
    )


def a_running_write(world: World) -> None:
    """Another process is at Alice's write with the key `k1`."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        key = advisory_key(write_lock_name(ALICE, "k1"))
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])

    def end() -> None:
        other.rollback()
        other.close()

    world.request.addfinalizer(end)


# --- trades -------------------------------------------------------------------------------


def position(login: int, cmd: Cmd = Cmd.BUY, **fields: Any) -> int:
    """An open lot of EURUSD."""
    asked = {"volume": 100, "sl": D(0), "tp": D(0), **fields}
    return services.open_market(
        login=login, reason=Reason.API, cmd=cmd, symbol="EURUSD", **asked
    ).order


def pending(login: int, price: str = "1.09") -> int:
    """A buy limit, a hundred pips below the market."""
    return services.open_pending(
        login=login, reason=Reason.API, cmd=Cmd.BUY_LIMIT, volume=100, symbol="EURUSD",
        open_price=D(price),
    ).order  # fmt: skip


def a_position(world: World) -> None:
    """Alice's `{order}`: a lot of EURUSD, bought at 1.1001."""
    world.known["order"] = position(ALICE)


def a_position_with_a_stop(world: World) -> None:
    """The same, with a stop loss at 1.09."""
    world.known["order"] = position(ALICE, sl=D("1.09"))


def an_older_position(world: World) -> None:
    """`{older}`, which is to be closed before what comes."""
    world.known["older"] = position(ALICE)


def a_pending(world: World) -> None:
    """Alice's `{pending}`: a buy limit at 1.09."""
    world.known["pending"] = pending(ALICE)


def a_pending_near_the_market(world: World) -> None:
    """Alice's `{near}`: a buy limit twenty pips below the market."""
    world.known["near"] = pending(ALICE, "1.098")


def a_closed_trade(world: World) -> None:
    """Alice's `{order}` is closed, at a loss of a pip."""
    a_position(world)
    services.close_position(login=ALICE, order=world.known["order"])


def a_split_position(world: World) -> None:
    """A part of Alice's `{order}` is closed."""
    a_position(world)
    services.close_position(login=ALICE, order=world.known["order"], volume=30)


def a_cancelled_pending(world: World) -> None:
    """Alice's `{pending}` is gone."""
    a_pending(world)
    services.cancel_pending(login=ALICE, order=world.known["pending"])


def bobs_orders(world: World) -> None:
    """Bob's `{order}` and `{pending}`; EUR need no conversion but USD do."""
    world.known |= {"order": position(BOB), "pending": pending(BOB)}


# --- what clients keep ----------------------------------------------------------------------


def a_watched_symbol(world: World) -> None:
    """EURUSD is on Alice's list `web`."""
    WatchItem.objects.create(
        login=ALICE, prefix="web", symbol=world.eurusd, sort_index=7, color="#00ff00"
    )


def a_script(world: World) -> None:
    """Alice's `{script}`."""
    world.known["script"] = scripts.create_script(login=ALICE, name="Mine", script="x").id


def bobs_script(world: World) -> None:
    """Bob's `{script}`."""
    world.known["script"] = scripts.create_script(login=BOB, name="His", script="y").id


def published(world: World) -> None:
    """The `{script}` of the scene before is public."""
    Script.objects.filter(pk=world.known["script"]).update(visibility=Visibility.PUBLIC)


def two_settings(world: World) -> None:
    """Alice's `layout` of the web terminal and `sound` of the mobile one."""
    settings.save_settings(login=ALICE, prefix="web", values={"layout": '{"a":[1,null]}'})
    settings.save_settings(login=ALICE, prefix="mobile", values={"sound": "true"})


def create_simple_alert(login: int) -> Any:
    """Create an alert: greater than 2, once."""
    return create_alert(
        login=login, symbol="EURUSD", side=AlertSide.BID, condition=Condition.GREATER,
        repeat_mode=RepeatMode.ONCE, target_price=D(2),
    )  # fmt: skip


def an_alert(world: World) -> None:
    """Alice's `{alert}`."""
    world.known["alert"] = create_simple_alert(ALICE).pk


def a_deleted_alert(world: World) -> None:
    """`{alert}` was Alice's."""
    an_alert(world)
    delete_alert(login=ALICE, alert_id=world.known["alert"])


def with_alert_columns(world: World, **values: Any) -> None:
    """Return a scene of Alice's `{alert}` with these columns."""
    an_alert(world)
    Alert.objects.filter(pk=world.known["alert"]).update(**values)


def a_triggered_alert(world: World) -> None:
    """Alice's `{alert}` has fired."""
    with_alert_columns(world, status=AlertStatus.TRIGGERED, triggered_at=now(), triggered_price=2)


def an_expired_alert(world: World) -> None:
    """Alice's `{alert}` is over."""
    with_alert_columns(world, status=AlertStatus.EXPIRED, expires_at=now() - 1)


def another_alert(world: World) -> None:
    """One that waits beside the one that is meant."""
    create_simple_alert(ALICE)


def bobs_alert(world: World) -> None:
    """Bob's `{alert}`."""
    world.known["alert"] = create_simple_alert(BOB).pk


def an_alert_log(world: World) -> None:
    """Alice's `{alert}` has left `{log}` and then `{newer}`."""
    one = create_simple_alert(ALICE)
    world.known |= {
        "alert": one.pk,
        "log": create_alert_log(one, 1).pk,
        "newer": create_alert_log(one, 2).pk,
    }


def bobs_alert_log(world: World) -> None:
    """Bob's `{log}`."""
    world.known["log"] = create_alert_log(create_simple_alert(BOB), 1).pk
