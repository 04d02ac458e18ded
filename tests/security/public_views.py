"""The pages that need no sign-in: everything else does (`LoginRequiredMiddleware`).

A test compares this list with the views themselves, in both directions: a page becomes public only
on purpose, in a line that a reviewer reads.
"""

from __future__ import annotations

from typing import Final

PUBLIC_VIEWS: Final[frozenset[str]] = frozenset(
    {
        "health",
        "can_serve",
        # public pages and what they load
        "portal:home",
        "portal:school",
        "portal:news_item",
        "portal:practical_page",
        "portal:feed",
        "portal:site_file",
        "portal:text",
        "portal:theme",
        "portal:logo",
        "portal:robots",
        "portal:sitemap",
        # the ways in and out
        "accounts:mire",
        "accounts:check_secret",
        "accounts:door",
        "accounts:door_return",
        "accounts:signing_out_there",
        # what was forgotten, and the mailed link
        "credentials:forgotten-password",
        "credentials:password-asked",
        "credentials:forgotten-login",
        "credentials:login-asked",
        "credentials:password-link",
        "credentials:new-password",
        # an address confirmed by its mail
        "messaging:address-link",
        "messaging:confirm-address",
        "accounts:sign_out",
        "accounts:signed_out",
        # the CAS server: sign-in for services, and what services call
        "sso:login",
        "sso:logout",
        "sso:validate",
        "sso:service_validate",
        "sso:proxy_validate",
        "sso:p3_service_validate",
        "sso:p3_proxy_validate",
        "sso:saml_validate",
        "sso:proxy",
        # machines of Pronote: a secret is the proof
        "pronote:machine-start",
        "pronote:machine-state",
        "pronote:machine-file",
        # the demonstration only
        "pages:styleguide",
        "demo:mail",
    }
)
