"""A second factor is set up and then required at the sign-in."""

import time

import pyotp
import pytest

from tests.browser.conftest import Desks
from tests.browser.window import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FAY = 5
REFUSED = "is wrong"


def test_the_door_asks_for_the_code_of_who_has_a_telephone(desks: Desks) -> None:
    fay = desks.of("the door").sign_in(FAY)
    fay.go("/admin/second-factor/")
    telephone = pyotp.TOTP(fay.one(".door-secret").text)
    assert fay.one(".door-qr svg").size["width"] > 100
    fay.fill(proof=PASSWORD, code=telephone.now())
    fay.submit()
    fay.sees("Recovery codes")
    assert len(fay.texts(".door-codes li")) == 10
    fay.sign_out()
    for code in ("", "000000"):
        fay.sign_in(FAY, code)
        fay.sees(REFUSED)
        assert fay.path.startswith("/admin/login/")
    fay.sign_in(FAY, telephone.at(time.time() + 30))  # the one before was used
    assert fay.path == "/admin/"
