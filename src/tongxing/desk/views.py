"""Pages that put several rooms together: today's work, the leaders' page, search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongxing.core.access import requires


@requires("desk.use")
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/home.html", {})


@requires("targets.view")
def dashboard(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/dashboard.html", {})


@requires("targets.view")
def big_screen(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/dashboard.html", {})


@requires("desk.use")
def search(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/search.html", {})


@requires("desk.use")
def palette(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/search.html", {})
