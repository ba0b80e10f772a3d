from django.urls import URLPattern, URLResolver, path

from .views import acts, batches, uploading

app_name = "sheets"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", uploading.upload, name="upload"),
    path("templates/<slug:sheet>/", uploading.template, name="template"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<uuid:uid>/", batches.batch, name="batch"),
    path("batches/<uuid:uid>/progress/", batches.progress, name="progress"),
    path("batches/<uuid:uid>/failed/", batches.failed, name="failed"),
    path("batches/<uuid:uid>/check/", acts.check, name="check"),
    path("batches/<uuid:uid>/apply/", acts.apply, name="apply"),
    path("batches/<uuid:uid>/pause/", acts.pause, name="pause"),
    path("batches/<uuid:uid>/continue/", acts.go_on, name="continue"),
    path("batches/<uuid:uid>/cancel/", acts.cancel, name="cancel"),
    path("batches/<uuid:uid>/undo/", acts.undo, name="undo"),
]
