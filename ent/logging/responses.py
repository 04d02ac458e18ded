"""Answers that are no news."""

from django.http import HttpResponse


def keep_out_of_the_log(response: HttpResponse) -> None:
    """Let Django not log this answer by itself, which also mails it to the operators.

    A probe asks every few seconds, and each page answers 503 while the database is away: one line
    and one mail say so (`ent.outages.notices`).
    """
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - Django's own
