from django.urls import path

from tongxing.core.listing import list_view

from . import views
from .lists import BackupList

app_name = "backups"
urlpatterns = [
    path("", list_view(BackupList), name="backups"),
    path("make/", views.make, name="make"),
]
