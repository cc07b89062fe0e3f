"""Where accounts can be locked for a unit of work."""

import pytest
from django.db.transaction import TransactionManagementError

from accounts.models import Account
from trading.unit.unit import lock_account

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_unit_outside_of_a_transaction_is_refused(alice: Account) -> None:
    with pytest.raises(TransactionManagementError), lock_account(alice.login):
        pass
