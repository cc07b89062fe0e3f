"""What signing in and the account refuse."""

from core.errors import Denied, NotFound


class UserNotFoundOrIncorrect(Denied):
    code = "USER_NOT_FOUND_OR_INCORRECT"
    default = "the login is unknown or the password is wrong"


class UserDisabled(Denied):
    code = "USER_DISABLED"
    default = "the account is disabled"


class AccountDisabled(Denied):
    code = "RET_ACCOUNT_DISABLED"
    default = "the account was disabled"


class UpdatePasswordError(Denied):
    code = "UPDATE_PASSWORD_ERROR"
    default = "the old password is wrong"


class GroupNotFound(NotFound):
    code = "GROUP_NOT_FOUND"
    default = "the account has no group"


class GroupNotPublic(Denied):
    code = "GROUP_NOT_PUBLIC"
    default = "the group is not open to sign-up"


class GroupDisabled(Denied):
    code = "GROUP_DISABLED"
    default = "the group is disabled"
