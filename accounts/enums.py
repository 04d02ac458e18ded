"""Closed vocabularies of sign-in."""

from __future__ import annotations

from django.db.models import TextChoices

from ent.audit.vocabulary import vocabulary


class AccountState(TextChoices):
    """State of an account; the directory shows a copy of it."""

    PENDING = "non-active", "Non activé"
    ACTIVE = "active", "Activé"
    BLOCKED = "bloque", "Bloqué"


class AccountKind(TextChoices):
    """Where the secret of an account lives."""

    LOCAL = "local", "Compte géré par l’ENT"
    ACADEMIC = "academique", "Compte académique"


class Audience(TextChoices):
    """The answers of the mire to « Vous souhaitez vous connecter à votre ENT en tant que ».

    Only those that have a door are shown: « Étudiant » where the portal serves a university.
    """

    FAMILY = "eleve-parent", "Élève ou parent"
    TEACHER = "enseignant", "Enseignant"
    STAFF = "personnel", "Personnel non enseignant"
    STUDENT = "etudiant", "Étudiant"
    OTHER = "autres", "Autres comptes et invités"


class DoorKind(TextChoices):
    """How a door proves who somebody is."""

    LOCAL = "local", "Mot de passe de l’ENT"
    CAS = "cas", "Portail académique (CAS)"
    GUICHET = "guichet", "Guichet OTP"
    LDAP = "ldap", "Annuaire LDAP"


class SignInOutcome(TextChoices):
    """How one try at a local door ended."""

    PASSWORD = "mot-de-passe", "Mot de passe"
    CODE = "code", "Code d’activation"
    REFUSED = "refus", "Refusée"
    WAIT = "attente", "En attente"
    SLOWED = "ralentie", "Ralentie"
    STALE = "perimee", "Page périmée"
    ELSEWHERE = "ailleurs", "Guichet sans mot de passe"


class CasVersion(TextChoices):
    """Which validation an academy's server speaks; attributes come with 2 (in practice) and 3."""

    V1 = "1", "CAS 1"
    V2 = "2", "CAS 2"
    V3 = "3", "CAS 3"


class MatchOn(TextChoices):
    """What of a person a door's answer is compared with at the first sign-in (R-B5)."""

    EMAIL = "courriel", "Courriel académique"
    JOIN_KEY = "cle-de-jointure", "Clé de jointure (AAF)"


class RenewPolicy(TextChoices):
    """When an academy is asked to make somebody prove again who they are."""

    AFTER_SIGN_OUT = "apres-deconnexion", "Après une déconnexion sur le même navigateur"
    ALWAYS = "toujours", "À chaque connexion"


class DoorFault(TextChoices):
    """Why an academy's portal gave no answer that counts; the labels explain it to administrators.

    The first group says that the server is unwell (it opens the breaker), the second that it
    answered.
    """

    DNS = "dns", "Le nom du serveur est introuvable (DNS)."
    REFUSED = "refusee", "Le serveur refuse la connexion, ou n’est pas joignable d’ici."
    TLS = "tls", "Le certificat du serveur n’est pas accepté, ou la liaison chiffrée échoue."
    HANG = "muet", "Le serveur n’a pas répondu dans le délai."
    BROKEN = "panne", "Le serveur répond par une erreur interne."
    NOT_CAS = "pas-cas", "La réponse n’est pas celle d’un serveur CAS : vérifiez l’adresse."
    MOVED = "redirige", "Le serveur renvoie vers une autre adresse : indiquez l’adresse finale."
    NO_CLIENT = "sans-module", "Le module LDAP n’est pas installé sur ce serveur."
    READER = (
        "compte-lecture",
        "Le compte de lecture est refusé : vérifiez son nom et son mot de passe.",
    )
    NO_BASE = "base", "La base de recherche n’existe pas, ou le compte de lecture ne la voit pas."
    CLOSED = "suspendu", "Le guichet vient de cesser de répondre : il est laissé au repos."
    BUSY = "occupe", "Trop de connexions attendent la réponse de ce portail."

    TICKET = "ticket", "Le ticket est périmé ou déjà utilisé."
    SERVICE = "service", "Le serveur ne connaît pas l’adresse de l’ENT : elle doit y être déclarée."
    RENEW = "a-nouveau", "L’identification n’a pas été refaite, alors qu’elle était demandée."
    METHOD = "methode", "La réponse ne nomme pas la méthode demandée."
    EXPIRED = "expire", "Le mot de passe a expiré."
    MUST_CHANGE = "a-changer", "Le mot de passe est provisoire : il sert seulement à en choisir un."
    SUBJECT = "sans-identifiant", "La réponse ne porte pas d’identifiant utilisable."

    @property
    def is_server_unwell(self) -> bool:
        """Does it count against the server?"""
        return self in {
            DoorFault.DNS,
            DoorFault.REFUSED,
            DoorFault.TLS,
            DoorFault.HANG,
            DoorFault.BROKEN,
            DoorFault.NOT_CAS,
            DoorFault.MOVED,
            DoorFault.NO_CLIENT,
            DoorFault.READER,
            DoorFault.NO_BASE,
        }


class BindingRefusal(TextChoices):
    """Why somebody whom the academy knows does not come in here."""

    NO_ATTRIBUTE = "sans-attribut", "Le portail ne transmet pas l’attribut attendu"
    NOBODY = "personne", "Aucune personne ne correspond"
    SEVERAL = "plusieurs", "Plusieurs personnes correspondent"
    SECOND_CLAIMANT = "deuxieme", "La personne est déjà rattachée à un autre identifiant"
    CHANGED = "change", "L’attribut a changé depuis le rattachement"
    CLOSED = "ferme", "Le compte est bloqué, ou la personne est partie"


@vocabulary
class DoorAct(TextChoices):
    """What the journal knows of academic doors besides sign-ins."""

    BOUND = "account:binding:made", "Compte rattaché à un identifiant académique"
    BINDING_REFUSED = "account:binding:refused", "Rattachement académique refusé"
    UNBOUND = "account:binding:removed", "Rattachement académique retiré"
    REFUSAL_CLOSED = "account:binding:dismissed", "Demande de rattachement classée"
    SIGNED_OUT_BY_DOOR = "account:signed-out:door", "Déconnexion demandée par l’académie"
    DOOR_TESTED = "door:tested", "Guichet testé"
