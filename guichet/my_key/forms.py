"""Changing one's PIN."""

from __future__ import annotations

from guichet.sign_in.forms import PinForm, passcode_field


class ChangePinForm(PinForm):
    """The passcode of now, then the new PIN twice."""

    passcode = passcode_field("Passcode OTP actuel (Code PIN + code de la clé)")
    field_order = ["passcode", "pin", "confirmation"]
