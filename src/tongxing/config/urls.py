"""Where each room answers. The public face stands at the root; everything that needs a sign-in stands under its room's name."""

from django.urls import include, path
from django.urls.resolvers import URLResolver

ROOMS = [
    "gazetteer",
    "audit",
    "accounts",
    "policy",
    "workdays",
    "files",
    "notices",
    "papers",
    "sheets",
    "backups",
    "registry",
    "training",
    "learning",
    "subsidies",
    "certificates",
    "credentials",
    "evaluation",
    "supervision",
    "competitions",
    "honours",
    "targets",
    "demo",
    "desk",
    "api",
]

urlpatterns: list[URLResolver] = [
    path("account/", include("tongxing.accounts.sign_in_urls")),
    *[path(f"{room}/", include(f"tongxing.{room}.urls")) for room in ROOMS],
    path("", include("tongxing.core.urls")),
    path("", include("tongxing.portal.urls")),
]

handler400 = "tongxing.core.views.bad_request"
handler403 = "tongxing.core.views.forbidden"
handler404 = "tongxing.core.views.not_found"
handler500 = "tongxing.core.views.server_error"
