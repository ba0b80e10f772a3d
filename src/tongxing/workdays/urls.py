from django.urls import path

from . import views

app_name = "workdays"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("set/", views.set_one, name="set-day"),
    path("clear/", views.clear, name="clear-day"),
    path("load/", views.load, name="load-year"),
]
