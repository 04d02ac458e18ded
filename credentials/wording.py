"""Sentences of the credentials' desk that have to agree with a number."""

from __future__ import annotations

from ent.pages.french import number_words

EXPIRED = (
    "Ce fichier a été effacé après 30\u00a0jours. Régénérez-le\u00a0: "
    "les codes encore valables y seront imprimés à nouveau."
)


def of_files(count: int) -> str:
    """Say that files were asked for, and what to do next."""
    if count == 1:
        return "Le fichier est en préparation\u00a0: il apparaît dans la liste dès qu’il est prêt."
    return (
        f"{count}\u00a0fichiers sont en préparation\u00a0: "
        "chacun apparaît dans la liste dès qu’il est prêt."
    )


def of_deletion(name: str, cancelled_codes: int) -> str:
    """Say what a deletion did."""
    if cancelled_codes == 0:
        return f"Le fichier {name} est supprimé."
    if cancelled_codes == 1:
        return f"Le fichier {name} est supprimé et un code est annulé."
    return f"Le fichier {name} est supprimé et {cancelled_codes}\u00a0codes sont annulés."


_MAILING_ACTS = {
    "arreter": (
        "L’envoi est arrêté\u00a0: rien n’attendait plus.",
        "L’envoi est arrêté\u00a0: un courriel n’est pas parti.",
        "L’envoi est arrêté\u00a0: {}\u00a0courriels ne sont pas partis.",
    ),
    "reprendre": (
        "Il n’y a rien à reprendre\u00a0: personne n’attend plus dans cet envoi.",
        "L’envoi reprend\u00a0: un courriel va partir.",
        "L’envoi reprend\u00a0: {}\u00a0courriels vont partir.",
    ),
    "renvoyer": (
        "Il n’y a rien à renvoyer.",
        "Un courriel va partir à nouveau, avec un nouveau lien.",
        "{}\u00a0courriels vont partir à nouveau, chacun avec un nouveau lien.",
    ),
}


ALIKE_RUNNING = (
    "Le même envoi est en cours\u00a0: attendez sa fin ou arrêtez-le, puis reprenez celui-ci."
)


def of_mailing_act(word: str, count: int) -> str:
    """Say what an act on a mailing did, to how many."""
    return _MAILING_ACTS[word][min(count, 2)].format(number_words(count))
