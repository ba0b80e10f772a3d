from django.urls import path

from . import offline

app_name = "core"
urlpatterns = [
    # At the root: a worker sees what lies below its own address.
    path("offline-worker.js", offline.worker, name="offline-worker"),
]
