from django.urls import path

from . import views

app_name = "demo"
urlpatterns = [path("clear/", views.clear, name="clear")]
