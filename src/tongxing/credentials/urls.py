"""Addresses of what is signed about certificates."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import handing_out, keys, photos, statuses

app_name = "credentials"
urlpatterns = [
    path("keys/", list_view(keys.KeyList), name="keys"),
    path("keys/rotate/", keys.key_rotate, name="key-rotate"),
    path("keys/<uuid:uid>/withdraw/", keys.key_withdraw, name="key-withdraw"),
    # This address stands in credentials that were handed out: it may not change.
    path("status/<int:number>/", statuses.status_list, name="status-list"),
    path("extracts/", handing_out.extract_many, name="extracts"),
    path("of/<uuid:uid>/", handing_out.of_certificate, name="of-certificate"),
    path("of/<uuid:uid>/extract/", handing_out.extract, name="extract"),
    path("of/<uuid:uid>/badge/", handing_out.badge, name="badge"),
    path("of/<uuid:uid>/photo/", photos.photo, name="photo"),
]
