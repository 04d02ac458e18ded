"""schema.org data of a school, for search engines (https://schema.org/School)."""

from __future__ import annotations

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from directory.models import School
from ent.pages.names import calm_name, calm_street
from portal.addresses import canonical_address, portal_origin
from portal.models import SchoolPage
from portal.school_pages.appearance import logo_href
from portal.school_pages.contacts import public_email, public_phone

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"})


def school_data(school: School, page: SchoolPage | None) -> SafeString:
    """JSON-LD that cannot leave its ``<script>``: a data block, which no policy has to allow."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "School",
        "name": calm_name(school.name),
        "url": canonical_address(school, page),
        "identifier": {"@type": "PropertyValue", "propertyID": "UAI", "value": school.uai},
        "address": {
            "@type": "PostalAddress",
            "streetAddress": calm_street(school.street),
            "postalCode": school.postal_code,
            "addressLocality": calm_name(school.town),
            "addressCountry": "FR",
        },
    }
    phone = public_phone(school)
    email = public_email(school)
    if phone:
        data["telephone"] = phone
    if email:
        data["email"] = email
    if page is not None and page.logo_id:
        data["logo"] = f"{portal_origin()}{logo_href(page)}"
    if page is not None and page.website:
        data["sameAs"] = page.website
    text = json.dumps(data, ensure_ascii=False, indent=1).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308  # the characters that could end the block are escaped
