"""The drawer of fobs as a page: each drawn with what it displays, drawn again at the next code."""

from __future__ import annotations

from html import escape

from demo.fobs.kept import STEP_SECONDS, Fob

_PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Clés OTP de la démonstration</title><style>
body {{ margin: 0; font: 1.0625rem/1.55 system-ui, sans-serif; color: #22223b;
  background: #ece8e1; }}
main {{ max-width: 64rem; margin: 0 auto; padding: 1.5rem; }}
h1 {{ margin: .5rem 0; font-size: 1.6rem; }}
a {{ color: #5b1638; }}
ul {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.25rem;
  padding: 0; list-style: none; }}
li {{ padding: 1rem; border-radius: .75rem; background: #fff; }}
svg {{ display: block; width: 100%; max-width: 20rem; height: auto; margin: 0 auto; }}
.figures {{ font: 700 34px ui-monospace, monospace; letter-spacing: 3px; fill: #16211a; }}
.left {{ animation: drain {left}s linear both; transform-origin: 42px 0; }}
@keyframes drain {{ from {{ transform: scaleX({share}); }} to {{ transform: scaleX(0); }} }}
@media (prefers-reduced-motion: reduce) {{ .left {{ animation-timing-function: steps(6); }} }}
p {{ margin: .5rem 0; }} .of {{ font-weight: 600; }} .note {{ color: #55566f; }}
</style></head><body><main>
<h1>Les clés OTP de la démonstration</h1>
<p>Chaque clé affiche six nouveaux chiffres toutes les minutes, sans branchement. Cette page tient
lieu des objets&nbsp;: elle garde leurs secrets, le guichet ne les a reçus que par l’import du
fournisseur. Elle se redessine au prochain code.</p>
<p><a href="{guichet}">Aller au guichet de l’académie de Nancy-Metz</a></p>
<ul>{fobs}</ul>
</main></body></html>
"""
_FOB = """<li><svg viewBox="0 0 320 132" role="img" aria-label="Clé {serial}, code {figures}">
<rect x="8" y="18" width="300" height="96" rx="46" fill="#6d7480"/>
<rect x="12" y="20" width="292" height="86" rx="42" fill="#8b93a1"/>
<circle cx="276" cy="64" r="13" fill="#ece8e1" stroke="#5a606b" stroke-width="3"/>
<rect x="36" y="34" width="206" height="58" rx="8" fill="#c9d3c2" stroke="#5a606b"
 stroke-width="3"/>
<text class="figures" x="139" y="74" text-anchor="middle">{spaced}</text>
<rect class="left" x="42" y="82" width="194" height="4" fill="#41513f"/>
</svg><p class="of">{words}</p><p class="note">Au dos&nbsp;: n°&nbsp;{serial}</p></li>"""


def page_of(fobs: list[tuple[Fob, str]], *, guichet: str, now: float) -> str:
    """Return the page: each fob with the words that say whose it was at the first start."""
    left = STEP_SECONDS - now % STEP_SECONDS
    drawn = "".join(_drawn(fob, words, fob.shows(now)) for fob, words in fobs)
    share = round(left / STEP_SECONDS, 3)
    return _PAGE.format(
        left=round(left, 1), share=share, guichet=escape(guichet, quote=True), fobs=drawn
    )


def _drawn(fob: Fob, words: str, figures: str) -> str:
    return _FOB.format(
        serial=escape(fob.serial),
        figures=figures,
        spaced=f"{figures[:3]} {figures[3:]}",
        words=escape(words),
    )
