import pytest

from accounts.models import User
from core.clock import now
from door import factors
from door.models import Factor, RecoveryCode
from tests.door.conftest import Telephone

# RFC 6238, appendix B, the last six digits of the SHA-1 column.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}


@pytest.mark.parametrize("time", RFC)
def test_codes_are_those_of_the_rfc(time: int) -> None:
    assert factors.totp(RFC_SECRET, time // factors.STEP) == RFC[time]


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_one_step_off(telephone: Telephone, steps: int, good: bool) -> None:
    assert factors.takes(telephone.user, telephone.code(steps)) is good


def test_a_code_is_taken_once(telephone: Telephone) -> None:
    code = telephone.code()
    assert factors.takes(telephone.user, code)
    assert not factors.takes(telephone.user, code)


def test_no_code_is_taken_after_a_later_one(telephone: Telephone) -> None:
    assert factors.takes(telephone.user, telephone.code(1))
    assert not factors.takes(telephone.user, telephone.code(0))


@pytest.mark.parametrize("code", ["", "000000", "abc", "１２３４５６", "x" * 500, "\0"])
def test_what_is_no_code_is_refused(telephone: Telephone, code: str) -> None:
    if code == telephone.code():
        code = "000001"
    assert not factors.takes(telephone.user, code)


def test_a_code_may_be_typed_with_a_gap(telephone: Telephone) -> None:
    code = telephone.code()
    assert factors.takes(telephone.user, f" {code[:3]} {code[3:]} ")


def test_each_recovery_code_works_once(telephone: Telephone) -> None:
    assert len(set(telephone.recovery)) == 10
    for code in telephone.recovery:
        assert factors.takes(telephone.user, code.lower())
        assert not factors.takes(telephone.user, code)
    assert factors.codes_left(telephone.user) == 0


def test_only_hashes_of_recovery_codes_are_kept(telephone: Telephone) -> None:
    kept = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(kept) == 10
    assert not any(
        factors.tidy(code) in digest.upper() for code in telephone.recovery for digest in kept
    )


def test_a_recovery_code_is_its_owners_alone(telephone: Telephone, dan: User) -> None:
    other = Telephone(dan)
    assert not factors.takes(telephone.user, other.recovery[0])
    assert factors.takes(dan, other.recovery[0])


def test_without_a_factor_no_code_is_good(dan: User) -> None:
    assert not factors.takes(dan, "123456")
    assert not factors.takes(dan, "")


def test_to_enrol_anew_replaces_secret_and_recovery_codes(telephone: Telephone) -> None:
    old_code, old_recovery = telephone.code(), telephone.recovery[0]
    new = Telephone(telephone.user)
    assert not factors.takes(telephone.user, old_recovery)
    assert not factors.takes(telephone.user, old_code) or old_code == new.code()
    new.forget()
    assert factors.takes(telephone.user, new.code(1))
    assert factors.codes_left(telephone.user) == 10


def test_the_step_of_the_first_code_is_spent(dan: User) -> None:
    secret, step = factors.new_secret(), now() // factors.STEP
    factors.enrol(user=dan, secret=secret, step=step)
    assert Factor.objects.get(pk=dan.pk).last_step == step
    assert not factors.takes(dan, factors.totp(secret, step))


def test_to_enrol_and_to_remove_end_the_sessions(dan: User) -> None:
    before = dan.session_version
    factors.enrol(user=dan, secret=factors.new_secret(), step=1)
    assert factors.remove(user=dan)
    assert not factors.remove(user=dan)
    dan.refresh_from_db()
    assert dan.session_version == before + 3
