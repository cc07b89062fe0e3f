"""Search of people by login, name, e-mail and telephone, by word prefixes."""

import pytest
from django.test import Client

from accounts.models import Account, User
from backoffice.pages import search


@pytest.fixture
def people(admin: User, alice: Account, bob: Account) -> None:
    anna = {"name": "Anna-Maria O'Brien", "email": "anna.obrien@mail1.example"}
    User.objects.filter(pk=alice.pk).update(**anna, phone="+44 (0)20 7946-0958")
    User.objects.filter(pk=bob.pk).update(name="Łukasz Żak", email="l.zak@example.org", phone="")


def found(client: Client, term: str, page: str = "user") -> set[int]:
    answer = client.get(f"/admin/accounts/{page}/", {"q": term})
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list} - {1}


@pytest.mark.parametrize("page", ["user", "account"])
@pytest.mark.parametrize(
    "term",
    [
        "100001", "anna", "ANNA maria", "maria", "o'brien", "brien", "obrien", "anna 100001",
        "anna.obrien@mail1", "anna.obrien@mail1.example", "mail1.example",
        "4402079", "+44 (0)20 7946-0958", "79460958", "020 7946 0958", "60958",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("people")
def test_a_matching_term_finds_one_of_two_people(
    admin: User, client: Client, term: str, page: str
) -> None:
    client.force_login(admin)
    assert found(client, term, page) == {100001}


@pytest.mark.parametrize(
    "term", ["nna", "anna łukasz", "anna 100002", "0958", "'", "' | '", "a:*", "100001:*", "\\"]
)
@pytest.mark.usefixtures("people")
def test_a_term_that_matches_no_word_start_finds_nothing(
    admin: User, client: Client, term: str
) -> None:
    client.force_login(admin)
    assert found(client, term) <= ({100001} if term in ("a:*", "100001:*") else set())


@pytest.mark.usefixtures("people")
def test_letters_of_other_alphabets_are_found(admin: User, client: Client) -> None:
    client.force_login(admin)
    assert found(client, "łuk") == found(client, "ŻAK") == {100002}


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


@pytest.mark.parametrize("page", ["trading/trade", "trading/marginaction", "alerts/alert"])
@pytest.mark.usefixtures("everything")
def test_rows_of_a_client_are_found_by_the_name(page: str, admin: User, client: Client) -> None:
    client.force_login(admin)
    assert client.get(f"/admin/{page}/", {"q": "alice"}).context["cl"].result_list
    assert not client.get(f"/admin/{page}/", {"q": "nobody"}).context["cl"].result_list
