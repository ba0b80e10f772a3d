from django.urls import path

from . import views

app_name = "gazetteer"
urlpatterns = [
    path("", views.tree, name="tree"),
    path("<int:code>/", views.area, name="area"),
    path("<int:code>/branch/", views.branch, name="branch"),
    path("<int:code>/park/", views.add_park, name="add-park"),
    path("<int:code>/rename/", views.rename, name="rename"),
    path("<int:code>/close/", views.close, name="close"),
    path("<int:code>/merge/", views.merge, name="merge"),
    path("<int:code>/split/", views.split, name="split"),
    path("<int:code>/reopen/", views.reopen, name="reopen"),
    path("<int:code>/outlines/", views.outline, name="outlines"),
]
