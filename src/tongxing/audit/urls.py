from django.urls import path

from tongxing.core.listing import list_view

from . import views
from .lists import EntryList

app_name = "audit"
urlpatterns = [
    path("", list_view(EntryList), name="entries"),
    path("<int:entry_id>/", views.entry, name="entry"),
    path("blocks/", views.blocks, name="blocks"),
    path("blocks/verify/", views.check, name="verify"),
]
