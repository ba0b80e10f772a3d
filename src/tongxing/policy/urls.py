from django.urls import path

from . import views

app_name = "policy"
urlpatterns = [
    path("", views.provisions, name="provisions"),
    path("versions/<int:version_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:key>/", views.provision, name="provision"),
    path("<str:key>/add/", views.add, name="add"),
]
