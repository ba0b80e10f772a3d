"""Pages that open where there is no line: which they are, whose copy it is, how long it is good for.

The copies lie on the reader's device; `offline_worker.js` keeps them and gives them out. Only a page that stands in `settings.OFFLINE_PAGES` and
whose view says so for this very answer is kept: no other page, no answer of the API, no file.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from re import escape
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from .access import public

HEADER = "X-Offline-Copy"
EVERYBODY = "all"
WORKER = Path(__file__).with_name("offline_worker.js")
DOORS = ("account_login", "account_logout")
"""Who sends a form there comes or goes: nothing personal stays on the device."""
SCRIPT_SECONDS = 300
_ANY = UUID(int=0)
_UUID = "[0-9a-f-]{36}"


def own_copy(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the device keep this page for the user who opened it, until sign-out, somebody else's sign-in, or the hours are over."""
    return _kept(response, str(request.user.pk)) if request.user.is_authenticated else response


def copy_for_all(response: HttpResponse) -> HttpResponse:
    """Let the device keep a page without personal data, whoever opened it."""
    return _kept(response, EVERYBODY)


def _kept(response: HttpResponse, owner: str) -> HttpResponse:
    if settings.OFFLINE_COPY_HOURS and response.status_code == 200:
        response[HEADER] = owner
    return response


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root, so that it may see all pages of this site; it holds nothing of the request."""
    response = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    patch_cache_control(response, max_age=SCRIPT_SECONDS, public=True)
    return response


def _script() -> str:
    hours = settings.OFFLINE_COPY_HOURS
    told = {
        "version": sha256(f"{_program()}|{getattr(staticfiles_storage, 'manifest_hash', '')}|{hours}".encode()).hexdigest()[:16],
        "hours": hours,
        "pages": [_pattern(name) for name in settings.OFFLINE_PAGES],
        "files": settings.STATIC_URL,
        "doors": [reverse(name) for name in DOORS],
    }
    return f"const SET = {json.dumps(told)};\n{WORKER.read_text(encoding='utf-8')}"


def _pattern(name: str) -> str:
    """The addresses of a page as a regular expression; a page of one record has its uid in its address."""
    try:
        return f"^{escape(reverse(name))}$"
    except NoReverseMatch:
        return f"^{escape(reverse(name, args=[_ANY])).replace(escape(str(_ANY)), _UUID)}$"


@cache
def _program() -> str:
    """Changes with every version of the program: the copies of the old one go."""
    package, found = WORKER.parent.parent, sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".html", ".js", ".css"} and "tests" not in path.parts:
            found.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return found.hexdigest()
