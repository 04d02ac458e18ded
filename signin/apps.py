"""Django's registration of the room."""

from django.apps import AppConfig


class SignInConfig(AppConfig):
    """What the sign-in of any realm needs: sessions, throttle, form tickets, second factors."""

    name = "signin"
    label = "signin"
    verbose_name = "connexion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take part in sealing again; know who signs in by Django's own `login`."""
        from django.contrib.auth.signals import user_logged_in

        from ent.sealing.resealing import register_resealer
        from signin.kept_answers.services import forget_answers_of
        from signin.kept_forms.services import forget_forms_of
        from signin.second_factor.resealing import reseal_second_factors
        from signin.sessions.endings import on_sessions_ended
        from signin.sessions.principals import note_django_login

        register_resealer("seconds facteurs", reseal_second_factors)
        user_logged_in.connect(note_django_login)
        on_sessions_ended(forget_forms_of)
        on_sessions_ended(forget_answers_of)
