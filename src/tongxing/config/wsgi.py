"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.config.settings")

application = get_wsgi_application()
# Import every room's pages now: otherwise the first visitor of each process waits for it.
get_resolver().url_patterns  # noqa: B018 - reading it is what imports
