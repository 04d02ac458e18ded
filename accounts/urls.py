"""Addresses of signing in, of forced steps and of one's own account."""

from django.urls import path

from accounts.confirmation import strength_views as strength
from accounts.connections import views as connections
from accounts.doors.bindings import views as bindings
from accounts.doors.desk import views as door_desk
from accounts.doors.returns import views as academic
from accounts.doors.secret_form import views as secret_form
from accounts.local import password_views as password_step
from accounts.local import views as doors
from accounts.mire import views as mire
from accounts.my_account import views as own_account
from accounts.second_factor import reset_views as second_factor_reset
from accounts.second_factor import views as second_factor
from accounts.sign_out import views as sign_out
from accounts.steps import second_factor_views as factor_steps
from accounts.steps import views as steps

app_name = "accounts"

urlpatterns = [
    path("connexion/", mire.mire, name="mire"),
    path("connexion/preuve-demandee/", strength.demand, name="strength"),
    path("connexion/<slug:code>/", doors.door, name="door"),
    path("connexion/<slug:code>/quitter/", academic.signing_out_there, name="signing_out_there"),
    path("connexion/<slug:code>/verifier/", secret_form.check_secret_page, name="check_secret"),
    path("guichet/<slug:code>/", academic.door_return, name="door_return"),
    path("bienvenue/", academic.changed_person, name="changed_person"),
    path("premiers-pas/mot-de-passe/", password_step.choose_password_step, name="choose_password"),
    path("premiers-pas/code/", factor_steps.prove_step, name="prove_second_factor"),
    path("premiers-pas/second-facteur/", factor_steps.enrol_step, name="enrol_second_factor"),
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
