"""Addresses of the yearly selection."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import awards, candidates, selections

app_name = "honours"
urlpatterns = [
    path("", list_view(selections.SelectionList), name="selections"),
    path("new/", selections.selection_new, name="selection-new"),
    path("awards/", list_view(awards.AwardList), name="awards"),
    path("awards/<uuid:uid>/strike/", awards.award_strike, name="award-strike"),
    path("people/<uuid:uid>/", candidates.person, name="person"),
    path("people/<uuid:uid>/awards/new/", awards.award_new, name="award-new"),
    path("organisations/<uuid:uid>/", candidates.organisation, name="organisation"),
    path("<uuid:uid>/", selections.selection, name="selection"),
    path("<uuid:uid>/edit/", selections.selection_edit, name="selection-edit"),
    path("<uuid:uid>/done/", selections.selection_done, name="selection-done"),
    path("<uuid:uid>/reopen/", selections.selection_reopen, name="selection-reopen"),
    path("<uuid:uid>/cancel/", selections.selection_cancel, name="selection-cancel"),
    path("<uuid:uid>/people/", list_view(candidates.PeopleList), name="people"),
    path("<uuid:uid>/organisations/", list_view(candidates.OrganisationList), name="organisations"),
]
