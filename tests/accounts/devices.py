"""A device that shows digits, as the tests hold one."""

import pyotp

from accounts import second_factor
from accounts.models import SecondFactor
from accounts.sealing import unseal
from annotations.locking import now


def digits(user, steps=0):
    """Return what the device of a person shows now, or some half minutes later."""
    secret = unseal(SecondFactor.objects.get(user=user).secret)
    return pyotp.TOTP(secret).generate_otp(int(now().timestamp()) // second_factor.STEP_SECONDS + steps)


def equip(user):
    """Give a person a device that is in force, and return the recovery codes. Digits of now are still unused."""
    second_factor.begin(user)
    return second_factor.confirm(user, digits(user, -1))
