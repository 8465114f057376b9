"""Refusals of this app."""

from annotations.errors import DomainError


class WrongCode(DomainError):
    """The digits are not those of your device now, or the recovery code was used before; nothing was changed."""

    code, status, title = "wrong-code", 403, "The code is wrong"


class CodesLocked(DomainError):
    """Five wrong codes close this step for fifteen minutes."""

    code, status, title = "codes-locked", 429, "Codes are closed for a while"


class SecondFactorNeeded(DomainError):
    """Your role signs, so your account needs a second factor; set it up under your account."""

    code, status, title = "second-factor-needed", 403, "A second factor is needed"


class ServiceRefused(DomainError):
    """The sign-in service did not vouch for you, or its answer does not belong to this browser; start again."""

    code, status, title = "sign-in-service-refused", 403, "The sign-in service did not let you in"


class ServiceUnreachable(DomainError):
    """The sign-in service does not answer as it should; try again later, or sign in by password."""

    code, status, title = "sign-in-service-unreachable", 503, "The sign-in service cannot be reached"
