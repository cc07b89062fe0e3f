"""The header that says whose money it is: the client, its badges and its figures now."""

from collections.abc import Iterator

from django.urls import reverse
from redis.exceptions import RedisError

from accounts.models import Account, User
from backoffice.columns import NO_VALUE, format_amount
from backoffice.widgets.client_header import ClientHeader
from backoffice.widgets.content import Cell, FigureList, Link
from core.clock import now, utc_text
from market.errors import OffQuotes
from market.quotes.quote import LatestQuotes
from trading.backoffice.clients.money_preview import format_level
from trading.enums import LevelType
from trading.events import rounded_figures
from trading.services.ledger import withdrawable_amount
from trading.valuation.account import Figures, current_figures

VIEW_ACCOUNT, VIEW_PERSON = "accounts.view_account", "accounts.view_user"
TONES = {LevelType.OK: "", LevelType.MARGIN_CALL: "warn", LevelType.STOP_OUT: "bad"}


def load_client_header(user: User, login: int) -> ClientHeader | None:
    """Return what `user` may see of the login; None outside of the staff scope.

    Accounts' figures need `view_account`, people's contact data `view_user`.
    """
    if not (user.has_perm(VIEW_ACCOUNT) or user.has_perm(VIEW_PERSON)):
        return None
    rows = user.limited(Account.objects.select_related("user", "group"), group="group")
    account = rows.filter(pk=login).first()
    if account is not None:
        return header_of_account(user, account)
    person = User.objects.filter(pk=login).first() if user.visible_groups is None else None
    return None if person is None else header_of_person(user, person)


def header_of_person(user: User, person: User) -> ClientHeader:
    """Return the header of a login without an account."""
    badges = [] if person.enable else [("DISABLED", "bad")]
    facts = contact_facts(person) if user.has_perm(VIEW_PERSON) else []
    return ClientHeader(person.login, person.name, badges, facts, page_links(user, person.login))


def header_of_account(user: User, account: Account) -> ClientHeader:
    """Return the header of a client with its figures at the newest quotes."""
    person = header_of_person(user, account.user)
    if not user.has_perm(VIEW_ACCOUNT):
        return person
    badges, note = [*person.badges], ""
    if account.enable_read_only:
        badges.append(("READ-ONLY", "warn"))
    figures: FigureList | None = None
    try:
        values, note = load_figures(account)
        figures = FigureList(list(figure_texts(account, values, is_complete=not note)))
        badges.extend(margin_badges(account, values))
    except RedisError:
        note = "Redis does not answer: there are no figures."
    terms = [("Group", account.group.name), ("Leverage", f"1:{account.leverage}")]
    links = page_links(user, account.login, has_account=True)
    time = utc_text(now())
    facts = [*person.facts, *terms]
    return ClientHeader(account.login, person.name, badges, facts, links, figures, time, note)


def load_figures(account: Account) -> tuple[Figures, str]:
    """Return the account's figures, and what is missing in them if anything is."""
    quotes = LatestQuotes()
    try:
        return current_figures(account, quotes, strict=True), ""
    except OffQuotes as error:
        return current_figures(account, quotes), f"The figures are not complete: {error.message}."


def figure_texts(
    account: Account, values: Figures, *, is_complete: bool
) -> Iterator[tuple[str, object]]:
    """Yield the figures for people; nothing can be withdrawn while a price is unknown."""
    currency = account.group.currency
    rounded = rounded_figures(account.group, values)
    yield "Balance", f"{format_amount(rounded['balance'], currency)} {currency}"
    if values.credit:
        yield "Credit", format_amount(rounded["credit"], currency)
    yield "Equity", format_amount(rounded["equity"], currency)
    yield "Free margin", format_amount(rounded["margin_free"], currency)
    withdrawable = format_amount(withdrawable_amount(values, currency), currency)
    yield "Withdrawable", withdrawable if is_complete else NO_VALUE
    yield "Margin level", Cell(format_level(values), tone=TONES[values.level_type])


def margin_badges(account: Account, values: Figures) -> Iterator[tuple[str, str]]:
    """Yield what the margin level has come to; a margin call lasts until it has recovered."""
    if values.level_type is LevelType.STOP_OUT:
        yield "STOP-OUT LEVEL", "bad"
    elif values.level_type is LevelType.MARGIN_CALL or account.margin_called:
        yield "MARGIN CALL", "bad"


def contact_facts(person: User) -> list[tuple[str, str]]:
    """Return how the person can be reached, without what is not known."""
    known = (("E-mail", person.email), ("Phone", person.phone), ("Country", person.country))
    return [(label, text) for label, text in known if text]


def page_links(user: User, login: int, *, has_account: bool = False) -> list[Link]:
    """Return links to the two pages of a client, as far as the user may open them."""
    links = []
    if has_account and user.has_perm(VIEW_ACCOUNT):
        links.append(Link("Account", reverse("admin:accounts_account_change", args=[login])))
    if user.has_perm(VIEW_PERSON):
        links.append(Link("Client", reverse("admin:accounts_user_change", args=[login])))
    return links
