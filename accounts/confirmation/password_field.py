"""The current password as a field of a form: proving again who one is, on the page itself."""

from __future__ import annotations

from typing import cast

from django.forms import Form
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts.account.models import Account
from accounts.confirmation.services import confirm_password
from ent.audit.origin import Origin
from signin import devices
from signin.throttle.services import WaitError
from signin.throttle.waits import say_wait


@sensitive_variables("form", "typed")
def is_proved(request: HttpRequest, form: Form, name: str) -> bool:
    """Check the current password, counted like any other try; on failure the field says so.

    Within a `sign_in_place`: it costs a hash.
    """
    form.is_valid()
    typed = str(form.cleaned_data.get(name, ""))
    if not typed:
        return False
    try:
        is_right = confirm_password(
            account=cast("Account", request.user),
            typed=typed,
            origin=Origin.of(request),
            devices=devices.known_devices(request),
        )
    except WaitError as error:
        form.add_error(name, f"Trop d’essais\u00a0: attendez {say_wait(int(error.args[0]))}.")
        return False
    if not is_right:
        form.add_error(name, "Ce n’est pas votre mot de passe actuel.")
    return is_right
