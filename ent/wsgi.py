"""Entry point of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.production")

application = get_wsgi_application()

# What is loaded now lives as long as the process, and as those that are forked from it: the pages
# too, which are otherwise imported at the first request. No collection looks through it again, and
# there is one for ten thousand new objects, as a page or two make, instead of seven hundred.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)
