from django.urls import URLPattern, URLResolver, path

from tongxing.core.listing import list_view

from . import views
from .lists import PaperList

app_name = "papers"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", list_view(PaperList), name="papers"),
    path("verify/", views.verify, name="verify"),
    path("compare/", views.compare, name="compare"),
    path("<uuid:uid>/", views.paper, name="paper"),
    path("<uuid:uid>/<slug:form>/", views.copy, name="copy"),
]
