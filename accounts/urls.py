"""Addresses of signing in, of forced steps and of one's own account."""

from django.urls import path

from accounts.views import (
    academic,
    bindings,
    connections,
    door_desk,
    doors,
    mire,
    own_account,
    second_factor,
    second_factor_reset,
    sign_out,
    steps,
    strength,
)

app_name = "accounts"

urlpatterns = [
    path("connexion/", mire.mire, name="mire"),
    path("connexion/preuve-demandee/", strength.demand, name="strength"),
    path("connexion/<slug:code>/", doors.door, name="door"),
    path("connexion/<slug:code>/quitter/", academic.signing_out_there, name="signing_out_there"),
    path("guichet/<slug:code>/", academic.door_return, name="door_return"),
    path("bienvenue/", academic.changed_person, name="changed_person"),
    path("premiers-pas/mot-de-passe/", steps.choose_password_step, name="choose_password"),
    path("premiers-pas/code/", second_factor.prove_step, name="prove_second_factor"),
    path("premiers-pas/second-facteur/", second_factor.enrol_step, name="enrol_second_factor"),
    path("premiers-pas/conditions/", steps.accept_terms_step, name="accept_terms"),
    path("deconnexion/", sign_out.sign_out, name="sign_out"),
    path("deconnexion/terminee/", sign_out.signed_out, name="signed_out"),
    path("mon-compte/", own_account.my_account, name="profile"),
    path("mon-compte/mot-de-passe/", own_account.change_password_page, name="change_password"),
    path("mon-compte/connexions/", connections.my_connections, name="connections"),
    path(
        "mon-compte/connexions/fermer-les-autres/",
        connections.close_others,
        name="close_other_connections",
    ),
    path(
        "mon-compte/connexions/<uuid:sign_on>/fermer/",
        connections.close_one,
        name="close_connection",
    ),
    path("mon-compte/second-facteur/", second_factor.my_second_factor, name="second_factor"),
    path(
        "mon-compte/second-facteur/codes-de-secours/",
        second_factor.recovery_codes,
        name="recovery_codes",
    ),
    path("mon-compte/second-facteur/retirer/", second_factor.remove, name="remove_second_factor"),
    path(
        "comptes/<uuid:person>/second-facteur/",
        second_factor_reset.reset_page,
        name="reset_second_factor",
    ),
    path("mon-compte/confirmer/", own_account.confirm_password_page, name="confirm_password"),
    path("annuaire/administration/guichets/", door_desk.doors, name="doors"),
    path("annuaire/administration/guichets/ajouter/", door_desk.add, name="door-add"),
    path("annuaire/administration/guichets/<slug:code>/", door_desk.edit, name="door-edit"),
    path("annuaire/administration/guichets/<slug:code>/tester/", door_desk.test, name="door-test"),
    path("annuaire/administration/rattachements/", bindings.bindings, name="bindings"),
    path(
        "annuaire/administration/rattachements/<uuid:binding>/detacher/",
        bindings.remove,
        name="binding-remove",
    ),
    path(
        "annuaire/administration/rattachements/<uuid:refused>/rattacher/",
        bindings.resolve,
        name="binding-resolve",
    ),
    path(
        "annuaire/administration/rattachements/<uuid:refused>/classer/",
        bindings.dismiss,
        name="refusal-dismiss",
    ),
]
