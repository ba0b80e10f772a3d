"""Addresses of the organisations' side."""

from django.urls import URLPattern, path

from tongxing.core.listing import list_view
from tongxing.registry.views import areas
from tongxing.registry.views import organisation_contacts as contacts
from tongxing.registry.views import organisation_fragments as fragments
from tongxing.registry.views import organisation_lists as lists
from tongxing.registry.views import organisations as pages
from tongxing.registry.views.organisation_merge import organisation_merge

urlpatterns: list[URLPattern] = [
    path("organisations/", list_view(lists.OrganisationList), name="organisations"),
    path("organisations/new/", pages.organisation_new, name="organisation-new"),
    path("organisations/unplaced/", list_view(lists.UnplacedList), name="unplaced"),
    path("organisations/unplaced/place/", lists.place, {"listed": lists.UnplacedList, "back": "registry:unplaced"}, name="place-unplaced"),
    path("organisations/place/", lists.place, name="place"),
    path("organisations/place-suggested/", lists.place_suggested, name="place-suggested"),
    path("areas/<int:code>/", areas.of_area, name="of-area"),
    path("areas/<int:code>/resettle/", areas.resettle_area, name="resettle"),
    path("organisations/size-preview/", fragments.size_preview, name="organisation-size-preview"),
    path("organisations/doubles/", fragments.doubles, name="organisation-doubles"),
    path("organisations/industries/", fragments.industry_picker, name="industry-picker"),
    path("organisations/<uuid:uid>/", pages.organisation, name="organisation"),
    path("organisations/<uuid:uid>/edit/", pages.organisation_edit, name="organisation-edit"),
    path("organisations/<uuid:uid>/history/", pages.organisation_history, name="organisation-history"),
    path("organisations/<uuid:uid>/status/<slug:status>/", pages.organisation_status, name="organisation-status"),
    path("organisations/<uuid:uid>/size/", pages.organisation_size, name="organisation-size"),
    path("organisations/<uuid:uid>/size/clear/", pages.organisation_size_clear, name="organisation-size-clear"),
    path("organisations/<uuid:uid>/merge/", organisation_merge, name="organisation-merge"),
    path("organisations/<uuid:uid>/contacts/new/", contacts.contact_new, name="organisation-contact-new"),
    path("organisations/<uuid:uid>/contacts/<uuid:contact>/remove/", contacts.contact_remove, name="organisation-contact-remove"),
    path("organisations/<uuid:uid>/phones/", contacts.phones, name="organisation-phones"),
]
