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


class GroupNotFound(NotFound):
    code = "GROUP_NOT_FOUND"
    default = "the account has no group"
