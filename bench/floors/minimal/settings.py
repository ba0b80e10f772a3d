"""Ours, with other root addresses and plain templates."""

from pathlib import Path

from tongxing.config.settings import *  # noqa: F403 - the point is that nothing else differs

ROOT_URLCONF = "bench.floors.minimal.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).parent / "templates"], "OPTIONS": {}}]
