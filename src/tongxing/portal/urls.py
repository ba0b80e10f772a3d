from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("verify/", views.verify, name="verify"),
    path("verify/look-up/", views.look_up, name="look-up"),
    path("verify/<str:token>/", views.verified, name="verified"),
    path("programme/", views.programme, name="programme"),
]
