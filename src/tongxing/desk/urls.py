from django.urls import URLPattern, URLResolver, path

from . import pictures, preferences, views

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/by-area/", pictures.by_area, name="chart-by-area"),
    path("dashboard/outlines/", pictures.outlines, name="chart-outlines"),
    path("dashboard/over-time/", pictures.over_time, name="chart-over-time"),
    path("dashboard/make-up/", pictures.make_up, name="chart-make-up"),
    path("big-screen/", views.big_screen, name="big-screen"),
    path("search/", views.search, name="search"),
    path("search/sealed/", views.seal_query, name="seal-query"),
    path("search/palette/", views.palette, name="palette"),
    path("views/save/", preferences.view_save, name="view-save"),
    path("views/<int:pk>/remove/", preferences.view_remove, name="view-remove"),
    path("large-print/", preferences.large_print, name="large-print"),
]
