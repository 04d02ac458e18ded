"""The stand-in's pages: plain, and plainly not the ENT's."""

from __future__ import annotations

from html import escape

from demo.stand_in.catalogue import Played

_FRAME = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ margin: 0; font: 1.125rem/1.6 system-ui, sans-serif; color: #22223b; background: #f2e9e4; }}
header {{ padding: 1rem 1.5rem; color: #fff; background: #4a4e69; font-weight: 700; }}
main {{ max-width: 40rem; margin: 2rem auto; padding: 0 1.5rem; }}
dl {{ padding: 1rem; border-radius: .5rem; background: #fff; }}
dt {{ color: #55566f; font-size: .9rem; }} dd {{ margin: 0 0 .5rem; overflow-wrap: anywhere; }}
a {{ color: #22223b; margin-right: 1.5rem; }}
</style></head><body><header>{name}</header><main>{body}</main></body></html>
"""


def page_of_user(played: Played, ent: str, user: str, attributes: list[tuple[str, str]]) -> str:
    """What somebody who came in sees: the service, and all that it knows of them."""
    known = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in [("Identité reçue", user), *attributes]
    )
    return _page(
        played,
        "Vous êtes connecté",
        f"<h1>Vous êtes connecté</h1><p>{escape(played.page)}</p>"
        f"<h2>Ce que ce service sait de vous</h2><dl>{known}</dl>"
        f'<p><a href="{escape(ent)}/accueil/">Retour à l’ENT</a>'
        f'<a href="/{played.code}/quitter">Quitter ce service seulement</a></p>',
    )


def page_without(played: Played, ent: str, words: str) -> str:
    """What somebody who is not in sees."""
    return _page(
        played,
        "Vous n’êtes pas connecté",
        f"<h1>Vous n’êtes pas connecté</h1><p>{escape(words)}</p>"
        f'<p><a href="/{played.code}/">Entrer avec l’ENT</a>'
        f'<a href="{escape(ent)}/accueil/">Retour à l’ENT</a></p>',
    )


def _page(played: Played, title: str, body: str) -> str:
    name = escape(f"{played.name} (service de démonstration, hors de l’ENT)")
    return _FRAME.format(title=escape(f"{title} - {played.name}"), name=name, body=body)
