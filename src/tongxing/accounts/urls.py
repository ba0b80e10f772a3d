from django.urls import path

from tongxing.core.listing import list_view

from . import demo_sign_in, endpoints, own_pages, people_pages
from .lists import UserList

app_name = "accounts"
urlpatterns = [
    path("users/", list_view(UserList), name="users"),
    path("users/new/", people_pages.new, name="user-new"),
    path("users/<int:user_id>/", people_pages.user, name="user"),
    path("users/<int:user_id>/edit/", people_pages.edit, name="user-edit"),
    path("users/<int:user_id>/disable/", people_pages.disable, name="user-disable"),
    path("users/<int:user_id>/enable/", people_pages.enable, name="user-enable"),
    path("users/<int:user_id>/reset-password/", people_pages.reset_password, name="user-reset-password"),
    path("users/<int:user_id>/reset-second-factor/", people_pages.reset_second_factor, name="user-reset-second-factor"),
    path("users/<int:user_id>/grant/", people_pages.grant, name="grant"),
    path("grants/<int:grant_id>/revoke/", people_pages.revoke, name="revoke"),
    path("me/", own_pages.me, name="me"),
    path("me/delegate/", own_pages.delegate, name="delegate"),
    path("me/delegations/<int:delegation_id>/end/", own_pages.end_delegation, name="end-delegation"),
    path("me/sessions/end/", own_pages.end_sessions, name="end-sessions"),
    path("draft/", endpoints.draft, name="draft"),
    path("keep-alive/", endpoints.keep_alive, name="keep-alive"),
    path("demo-sign-in/", demo_sign_in.sign_in, name="demo-sign-in"),
]
