"""Addresses of the register: organisations and people each in their own file."""

from . import organisations, people

app_name = "registry"
urlpatterns = [*organisations.urlpatterns, *people.urlpatterns]
