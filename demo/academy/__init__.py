"""An academic portal that is not ours: django-cas-server, in an environment of its own.

`python -m demo.academy nancy-metz:8091 reims:8092` (with the Python of `.venv-academy`) runs
one CAS server per academy, each with its own database and cookies. ACADEMY_FOLDER holds
`people.json`: {academy: {login: {"password": …, "attributes": {"mail": …}}}}, read at each sign-in.
ACADEMY_SERVICES is the pattern of the addresses that may be signed in to.

Nothing of the product is imported here, and nothing of the product imports this.
"""
