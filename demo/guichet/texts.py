"""The academy's own texts, invented."""

from __future__ import annotations

from typing import Final

SECURITY: Final = (
    "Votre mot de passe et votre code PIN ne se donnent à personne\u00a0: ni au téléphone, ni par "
    "courriel, ni à l’assistance, qui ne les demande jamais.\n\n"
    "Avant de taper votre identifiant, vérifiez l’adresse de cette page. Un message qui vous "
    "presse de vous connecter par un lien est presque toujours une fraude\u00a0: transférez-le à "
    "l’assistance.\n\n"
    "Sur un ordinateur partagé, déconnectez-vous puis fermez le navigateur."
)
CHARTER: Final = (
    "Le système d’information de l’académie sert au travail de ses agents et à la vie des "
    "établissements. Un usage personnel raisonnable est toléré.\n\n"
    "Votre identifiant, votre mot de passe et votre clé vous sont personnels\u00a0: vous répondez "
    "de ce qui est fait avec eux. Une clé perdue, volée ou cassée se signale tout de suite.\n\n"
    "Les connexions sont journalisées et conservées pour la durée que la loi fixe. Texte inventé "
    "pour la démonstration."
)
