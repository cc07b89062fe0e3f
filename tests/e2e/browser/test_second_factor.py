"""A second factor is set up and then required at the sign-in."""

import time

import pyotp
import pytest

from tests.e2e.browser.conftest import Windows
from tests.e2e.browser.window import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FAY = 5
REFUSED = "is wrong"


def test_sign_in_requires_the_code_after_a_second_factor_was_set_up(desks: Windows) -> None:
    fay = desks.window_of("the door").sign_in(FAY)
    fay.go("/admin/second-factor/")
    telephone = pyotp.TOTP(fay.element(".door-secret").text)
    assert fay.element(".door-qr svg").size["width"] > 100
    fay.fill(proof=PASSWORD, code=telephone.now())
    fay.submit()
    fay.wait_for_text("Recovery codes")
    assert len(fay.texts(".door-codes li")) == 10
    fay.element("[data-copies]").send_keys("\n")
    fay.wait_for_text("Copied.")
    fay.sign_out()
    for code in ("", "000000"):
        fay.sign_in(FAY, code)
        fay.wait_for_text(REFUSED)
        assert fay.path.startswith("/admin/login/")
    fay.sign_in(FAY, telephone.at(time.time() + 30))  # the one before was used
    assert fay.path == "/admin/"
