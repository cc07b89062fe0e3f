"""The errors of sign-in, sign-up and accounts."""

from core.errors import Denied, Invalid, NotFound
from staff_auth.errors import SignInRefused


class UserNotFoundOrIncorrect(SignInRefused):
    """The login or the password is wrong; staff sign-in has further kinds with the same code."""


class UserDisabled(Denied):
    code = "USER_DISABLED"
    default = "the account is disabled"


class AccountDisabled(Denied):
    code = "RET_ACCOUNT_DISABLED"
    default = "the account was disabled"


class UpdatePasswordError(Denied):
    code = "UPDATE_PASSWORD_ERROR"
    default = "the old password is wrong"


class WrongSignUpCode(Denied):
    default = "the code is wrong or has expired: sign up again to get another"
    outcome = "WRONG_CODE"


class EmailTaken(Invalid):
    default = "email: has an account already"


class GroupNotFound(NotFound):
    code = "GROUP_NOT_FOUND"
    default = "the account has no group"


class GroupNotPublic(Denied):
    code = "GROUP_NOT_PUBLIC"
    default = "the group is not open to sign-up"


class GroupDisabled(Denied):
    code = "GROUP_DISABLED"
    default = "the group is disabled"
    field = "group"
