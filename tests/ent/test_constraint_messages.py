"""What a form says where the database would refuse: a French sentence of the constraint's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import BaseConstraint, Model
from django.urls import get_resolver

from directory.models.groups import Group, Membership, Teaching
from directory.models.persons import Affiliation, Person, Responsibility
from directory.models.roles import RoleGrant

#: Cleaned by a service or a command, or entered by hand in forms that are no model forms.
OTHERS = {Affiliation, Group, Membership, Person, Responsibility, RoleGrant, Teaching}


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)


def _constraints() -> list[BaseConstraint]:
    assert get_resolver().url_patterns  # every view is loaded, and with it every form
    models: set[type[Model]] = {
        *OTHERS,
        *(model for model in apps.get_models() if admin.site.is_registered(model)),
        *(form._meta.model for form in _subclasses(forms.ModelForm) if form._meta.model),
    }
    return [each for model in models for each in model._meta.constraints]


def test_every_constraint_that_a_form_meets_says_what_to_correct() -> None:
    """Django's own words name the constraint (« person_profile_known »), which helps nobody."""
    constraints = _constraints()
    assert len(constraints) > 20
    silent = {
        each.name
        for each in constraints
        if each.violation_error_message == each.default_violation_error_message
    }
    assert silent == set()
