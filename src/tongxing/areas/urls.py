from django.urls import path

from . import editing, views

app_name = "areas"
urlpatterns = [
    path("", views.tree, name="tree"),
    path("pick/", views.pick, name="pick"),
    path("<int:code>/", views.area, name="area"),
    path("<int:code>/children/", views.children, name="children"),
    path("<int:code>/outlines.geojson", views.outlines, name="outlines"),
    path("<int:code>/add/", editing.add, name="add"),
    path("<int:code>/rename/", editing.rename, name="rename"),
    path("<int:code>/close/", editing.close, name="close"),
    path("<int:code>/merge/", editing.merge, name="merge"),
    path("<int:code>/split/", editing.split, name="split"),
]
