"""Search of people by login, and by any part of name, e-mail and telephone number."""

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry, SignIn
from backoffice.pages import search
from core.text_search import fold


@pytest.fixture
def people(admin: User, alice: Account, bob: Account) -> None:
    anna = {"name": "Anna-Maria O'Brien", "email": "anna.obrien@mail1.example"}
    User.objects.filter(pk=alice.pk).update(**anna, phone="+44 (0)20 7946-0958")
    User.objects.filter(pk=bob.pk).update(name="Łukasz Żak", email="l.zak@example.org", phone="")


MATCHING = [
    "100001", "anna", "ANNA maria", "maria", "o'brien", "brien", "obrien", "anna 100001",
    "anna.obrien@mail1", "anna.obrien@mail1.example", "mail1.example",
    "4402079", "+44 (0)20 7946-0958", "79460958", "020 7946 0958", "60958", "0958",
    "0044 (0)20 7946", "nna-mar", "il1.exa", "briên", "ÁNNA",
]  # fmt: skip


def found(client: Client, term: str, page: str = "user") -> set[int]:
    answer = client.get(f"/admin/accounts/{page}/", {"q": term})
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list} - {1}


@pytest.mark.parametrize("page", ["user", "account"])
@pytest.mark.usefixtures("people", "no_menu")
def test_a_matching_term_finds_one_of_two_people(admin: User, client: Client, page: str) -> None:
    client.force_login(admin)
    people = {term: found(client, term, page) for term in MATCHING}
    assert {term: keys for term, keys in people.items() if keys != {100001}} == {}


@pytest.mark.parametrize(
    "term", ["annb", "anna łukasz", "anna 100002", "0959", "'", "' | '", "a:*", "100001:*", "\\"]
)
@pytest.mark.usefixtures("people")
def test_a_term_that_no_word_contains_finds_nothing(admin: User, client: Client, term: str) -> None:
    client.force_login(admin)
    assert found(client, term) <= {
        "100001:*": {100001},
    }.get(term, set())


@pytest.mark.usefixtures("people")
def test_letters_of_other_alphabets_are_found(admin: User, client: Client) -> None:
    client.force_login(admin)
    for term in ("łuk", "ŻAK", "luk", "zak", "ukas"):
        assert found(client, term) == {100002}
    User.objects.filter(pk=100002).update(name="Ægir Müller-Strauß Øst 김철수")
    for term in ("aegir", "muller", "MÜLLER", "ller-str", "strauss", "ost", "철수"):
        assert found(client, term) == {100002}, term


@pytest.mark.parametrize("stored", ["+353 1 555 0134", "00353 (1) 5550134", "01 555 0134"])
@pytest.mark.parametrize("term", ["0134", "01 555 0134", "1-555-0134", "5550134"])
@pytest.mark.usefixtures("people", "no_menu")
def test_a_number_is_found_with_and_without_its_country(
    admin: User, client: Client, stored: str, term: str
) -> None:
    User.objects.filter(pk=100002).update(phone=stored)
    client.force_login(admin)
    assert found(client, term) == {100002}
    if stored.startswith(("+", "00")):
        assert found(client, "00353 1 555") == found(client, "+353 1 555") == {100002}


@pytest.mark.parametrize(
    "text",
    ["Łukasz Żak-Müller", "Ægir Østergård", "Strauß", "Đoković", "Ñandú O'Neill", "Ирина Ёлкина",
     "Αλέξανδρος", "김철수", "田中 花子", "Nguyễn Văn Ánh", "a.b_c@d-e.example", ""],
)  # fmt: skip
def test_the_database_folds_like_the_search(db: None, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(search_parts(%s))", [text])
        (ends,) = cursor.fetchone()
    for part in filter(None, search.SEPARATORS.split(fold(text))):
        assert any(end.startswith(part) for end in ends)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("  a  b ", ["a", "b"]),
        ("+44 20-7946", ["44207946"]),
        ("100001 100002", ["100001", "100002"]),
        ("\0x", ["x"]),
        ("", []),
    ],
)
def test_a_term_is_split_into_words(term: str, words: list[str]) -> None:
    assert search.split_term(term) == words


def test_special_characters_in_a_term_are_escaped() -> None:
    assert search.prefix_query("o'br\\ien:*") == "'o':* & 'br':* & 'ien':*"
    assert search.prefix_query("'") == ""
    assert search.parts_query("O'Brien:*") == "'brien':*"
    assert search.parts_query("a") == ""
    assert search.parts_query("58") == "'58'"
    assert search.parts_query("02079460958") == "'02079460958':* | '2079460958':*"


@pytest.mark.parametrize(
    "page",
    [
        "trading/trade", "trading/fill", "trading/marginaction", "trading/swapcharge",
        "alerts/alert", "alerts/alertlog", "alerts/address", "alerts/delivery", "scripts/script",
        "settings_app/setting", "audit/entry", "audit/signin", "backoffice/approval",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("everything", "no_menu")
def test_rows_of_a_client_show_the_name_and_are_found_by_it(
    page: str, admin: User, client: Client
) -> None:
    User.objects.filter(pk=100001).update(name="Alice <Ålund>")
    Entry.objects.create(time=2, action="x", model="accounts.account", key="1", login=100001)
    client.force_login(admin)
    answer = client.get(f"/admin/{page}/", {"q": "lun alice"})
    assert answer.context["cl"].result_list
    model = "user" if page.startswith("audit") else "account"
    link = f'<a href="/admin/accounts/{model}/100001/change/">'
    assert f"{link}Alice &lt;Ålund&gt;</a>" in answer.content.decode()
    if page != "settings_app/setting":  # there the login leads to the row
        assert f"{link}100001</a>" in answer.content.decode()
    assert not client.get(f"/admin/{page}/", {"q": "nobody"}).context["cl"].result_list
    assert not client.get(f"/admin/{page}/", {"q": "alice bob"}).context["cl"].result_list


@pytest.mark.usefixtures("everything")
def test_a_short_number_is_no_telephone_number_of_a_client(admin: User, client: Client) -> None:
    User.objects.filter(pk=100001).update(phone="+44 20 7946 0958")
    client.force_login(admin)
    assert not client.get("/admin/trading/trade/", {"q": "460958"}).context["cl"].result_list
    assert client.get("/admin/trading/trade/", {"q": "79460958"}).context["cl"].result_list


@pytest.mark.usefixtures("everything")
def test_a_sign_in_of_nobody_leads_nowhere(admin: User, client: Client) -> None:
    SignIn.objects.update(login=777)
    client.force_login(admin)
    page = client.get("/admin/audit/signin/").content.decode()
    assert "777" in page
    assert "user/777" not in page
