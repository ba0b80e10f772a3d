"""Addresses."""

urlpatterns: list[str] = []
app_name = "competitions"
