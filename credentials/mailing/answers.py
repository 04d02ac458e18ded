"""What a mail server said, in French, for people who do not run one; its own words are quoted.

The meaning is that of the enhanced status code when there is one (RFC 3463), else of the basic one
(RFC 5321, 4.2.3).
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from typing import Final

_ENHANCED: Final = re.compile(r"(?<![0-9.])([245])\.(\d{1,3})\.(\d{1,3})(?![0-9.])")
_BASIC: Final = re.compile(r"(?<![0-9.])([45]\d\d)(?![0-9.])")
#: subject.detail of an enhanced status code (RFC 3463, section 3), the subject alone as the rest.
_MEANINGS: Final = {
    "1": "L’adresse n’est pas acceptée",
    "1.1": "Cette adresse n’existe pas",
    "1.2": "Le domaine de cette adresse n’existe pas",
    "1.10": "Le domaine de cette adresse ne reçoit pas de courriel",
    "2": "La boîte du destinataire ne peut rien recevoir",
    "2.1": "La boîte du destinataire est désactivée",
    "2.2": "La boîte du destinataire est pleine",
    "3": "Le serveur ne peut rien prendre pour l’instant",
    "3.4": "Le message est trop gros pour ce serveur",
    "4": "Le serveur du destinataire n’a pas pu être joint",
    "5": "Le serveur n’a pas compris la demande",
    "5.3": "Trop de destinataires à la fois",
    "6": "Le serveur n’accepte pas la forme du message",
    "7": "Le serveur refuse ce message par prudence",
}
_GREYLISTED: Final = "Le serveur demande d’attendre et de réessayer"
_CODES: Final = {
    421: "Le serveur est occupé ou s’arrête",
    450: "La boîte du destinataire n’est pas disponible pour l’instant",
    451: "Le serveur a rencontré une difficulté passagère",
    452: "Le serveur manque de place pour l’instant",
    454: "Le serveur ne peut pas s’identifier pour l’instant",
    530: "Le serveur demande une identification",
    535: "Le serveur refuse notre identification",
    550: "L’adresse est refusée",
    551: "Le destinataire n’est pas chez ce serveur",
    552: "La boîte du destinataire est pleine",
    553: "L’adresse n’est pas acceptée",
    554: "Le serveur refuse ce message",
}
_FAMILIES: Final = {4: "Le serveur demande de réessayer plus tard", 5: "Le serveur refuse"}
_GREY: Final = re.compile(r"gr[ae]y-?list", re.IGNORECASE)


def explain(code: int | None, words: str) -> str:
    """Say in French what an answer means, with the server's own words behind."""
    said = " ".join(str(part) for part in (code, words) if part)
    meaning = _meaning(code, words)
    if not meaning:
        return said
    return f"{meaning} («\u00a0{said}\u00a0»)"


def _meaning(code: int | None, words: str) -> str:
    """Return the meaning, "" for what is no answer of a server (our own words)."""
    if _GREY.search(words):
        return _GREYLISTED
    found = _ENHANCED.search(words)
    if found is not None:
        exact = _MEANINGS.get(f"{found[2]}.{found[3]}") or _MEANINGS.get(found[2])
        if exact is not None:
            return exact
    if code is None:
        basic = _BASIC.search(words)
        code = int(basic[1]) if basic is not None else 0
    return _CODES.get(code) or _FAMILIES.get(code // 100, "")


def explain_failure(failure: BaseException) -> str:
    """Say in French why the dialogue with a server ended; never the name of a class."""
    for one in _causes(failure):
        match one:
            case TimeoutError():
                return "Le serveur n’a pas répondu à temps."
            case socket.gaierror():
                return "Le nom du serveur de courriel est introuvable."
            case ConnectionRefusedError():
                return "Le serveur refuse la connexion."
            case smtplib.SMTPAuthenticationError():
                return "Le serveur refuse notre identification."
            case smtplib.SMTPNotSupportedError() | ssl.SSLError():
                return "La connexion chiffrée avec le serveur n’a pas pu être établie."
            case smtplib.SMTPServerDisconnected() if one.__context__ is None:
                return "Le serveur a coupé la connexion."
            case ConnectionError():
                return "Le serveur a coupé la connexion."
    if isinstance(failure, smtplib.SMTPServerDisconnected):
        return "Le serveur a coupé la connexion."
    return "Le serveur de courriel n’est pas joignable."


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__
