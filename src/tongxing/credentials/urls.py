"""Addresses of what is signed about certificates."""

app_name = "credentials"
urlpatterns: list[object] = []
