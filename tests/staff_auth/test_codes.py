import pytest

from accounts.models import User
from core.clock import now
from staff_auth import second_factor
from staff_auth.models import Factor, RecoveryCode
from tests.staff_auth.conftest import AuthenticatorApp

# RFC 6238, appendix B, the last six digits of the SHA-1 column.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}


@pytest.mark.parametrize("time", RFC)
def test_codes_are_those_of_the_rfc(time: int) -> None:
    assert second_factor.totp_code(RFC_SECRET, time // second_factor.STEP_SECONDS) == RFC[time]


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_one_step_off(telephone: AuthenticatorApp, steps: int, good: bool) -> None:
    assert second_factor.accept_code(telephone.user, telephone.code(steps)) is good


def test_a_code_is_accepted_once(telephone: AuthenticatorApp) -> None:
    code = telephone.code()
    assert second_factor.accept_code(telephone.user, code)
    assert not second_factor.accept_code(telephone.user, code)


def test_no_code_is_accepted_after_a_later_one(telephone: AuthenticatorApp) -> None:
    assert second_factor.accept_code(telephone.user, telephone.code(1))
    assert not second_factor.accept_code(telephone.user, telephone.code(0))


@pytest.mark.parametrize("code", ["", "000000", "abc", "１２３４５６", "x" * 500, "\0"])
def test_a_malformed_or_wrong_code_is_refused(telephone: AuthenticatorApp, code: str) -> None:
    if code == telephone.code():
        code = "000001"
    assert not second_factor.accept_code(telephone.user, code)


def test_a_code_may_be_typed_with_a_gap(telephone: AuthenticatorApp) -> None:
    code = telephone.code()
    assert second_factor.accept_code(telephone.user, f" {code[:3]} {code[3:]} ")


def test_each_recovery_code_works_once(telephone: AuthenticatorApp) -> None:
    assert len(set(telephone.recovery)) == 10
    for code in telephone.recovery:
        assert second_factor.accept_code(telephone.user, code.lower())
        assert not second_factor.accept_code(telephone.user, code)
    assert second_factor.count_recovery_codes(telephone.user) == 0


def test_only_hashes_of_recovery_codes_are_stored(telephone: AuthenticatorApp) -> None:
    kept = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(kept) == 10
    assert not any(
        second_factor.normalize_code(code) in digest.upper()
        for code in telephone.recovery
        for digest in kept
    )


def test_a_recovery_code_works_for_its_owner_alone(telephone: AuthenticatorApp, dan: User) -> None:
    other = AuthenticatorApp(dan)
    assert not second_factor.accept_code(telephone.user, other.recovery[0])
    assert second_factor.accept_code(dan, other.recovery[0])


def test_without_a_second_factor_no_code_is_accepted(dan: User) -> None:
    assert not second_factor.accept_code(dan, "123456")
    assert not second_factor.accept_code(dan, "")


def test_enrolling_again_replaces_secret_and_recovery_codes(telephone: AuthenticatorApp) -> None:
    old_code, old_recovery = telephone.code(), telephone.recovery[0]
    new = AuthenticatorApp(telephone.user)
    assert not second_factor.accept_code(telephone.user, old_recovery)
    assert not second_factor.accept_code(telephone.user, old_code) or old_code == new.code()
    new.forget_used_codes()
    assert second_factor.accept_code(telephone.user, new.code(1))
    assert second_factor.count_recovery_codes(telephone.user) == 10


def test_the_code_used_to_enrol_cannot_be_used_again(dan: User) -> None:
    secret, step = second_factor.generate_secret(), now() // second_factor.STEP_SECONDS
    second_factor.enrol_user(user=dan, secret=secret, step=step)
    assert Factor.objects.get(pk=dan.pk).last_step == step
    assert not second_factor.accept_code(dan, second_factor.totp_code(secret, step))


def test_enrolling_and_removing_end_the_sessions(dan: User) -> None:
    before = dan.session_version
    second_factor.enrol_user(user=dan, secret=second_factor.generate_secret(), step=1)
    assert second_factor.remove_factor(user=dan)
    assert not second_factor.remove_factor(user=dan)
    dan.refresh_from_db()
    assert dan.session_version == before + 3
