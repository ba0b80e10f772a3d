"""Addresses of the yearly selection."""

from django.urls import path

from tongxing.core.listing import list_view

from .models import Kind
from .views import awards, candidates, dossiers, meetings, nomination_acts, nominations, reviews, scoring, selections

app_name = "honours"
urlpatterns = [
    path("", list_view(selections.SelectionList), name="selections"),
    path("new/", selections.selection_new, name="selection-new"),
    path("awards/", list_view(awards.AwardList), name="awards"),
    path("awards/<uuid:uid>/strike/", awards.award_strike, name="award-strike"),
    path("mine/", nominations.mine, name="mine"),
    path("mine/new/", nomination_acts.mine_new, name="mine-new"),
    path("nominations/", list_view(nominations.NominationList), name="nominations"),
    path("nominations/<uuid:uid>/", nominations.nomination, name="nomination"),
    path("nominations/<uuid:uid>/edit/", nomination_acts.nomination_edit, name="nomination-edit"),
    path("nominations/<uuid:uid>/submit/", nomination_acts.nomination_submit, name="nomination-submit"),
    path("nominations/<uuid:uid>/return/", nomination_acts.nomination_return, name="nomination-return"),
    path("nominations/<uuid:uid>/accept/", nomination_acts.nomination_accept, name="nomination-accept"),
    path("nominations/<uuid:uid>/refuse/", nomination_acts.nomination_refuse, name="nomination-refuse"),
    path("nominations/<uuid:uid>/withdraw/", nomination_acts.nomination_withdraw, name="nomination-withdraw"),
    path("nominations/<uuid:uid>/dossier/", dossiers.dossier_page, name="dossier"),
    path("nominations/<uuid:uid>/dossier/renew/", dossiers.dossier_renew, name="dossier-renew"),
    path("nominations/<uuid:uid>/files/new/", dossiers.file_new, name="file-new"),
    path("nominations/<uuid:uid>/opinions/new/", dossiers.opinion_new, name="opinion-new"),
    path("nominations/<uuid:uid>/visits/new/", dossiers.visit_new, name="visit-new"),
    path("files/<uuid:uid>/", dossiers.file_open, name="file"),
    path("files/<uuid:uid>/remove/", dossiers.file_remove, name="file-remove"),
    path("opinions/<uuid:uid>/file/", dossiers.opinion_file, name="opinion-file"),
    path("visits/<uuid:uid>/file/", dossiers.visit_file, name="visit-file"),
    path("people/<uuid:uid>/", candidates.person, name="person"),
    path("people/<uuid:uid>/awards/new/", awards.award_new, name="award-new"),
    path("people/<uuid:uid>/nominate/", nomination_acts.person_nominate, name="person-nominate"),
    path("people/<uuid:uid>/card/", nominations.of_person, name="of-person"),
    path("organisations/<uuid:uid>/", candidates.organisation, name="organisation"),
    path("reviewing/", scoring.reviewing, name="reviewing"),
    path("reviewing/<uuid:uid>/", scoring.score, name="score"),
    path("reviewing/<uuid:uid>/abstain/", scoring.abstain, name="score-abstain"),
    path("reviewing/<uuid:uid>/recuse/", scoring.recuse, name="score-recuse"),
    path("reviewers/<uuid:uid>/declaration/", scoring.declaration, name="declaration"),
    path("reviewers/<uuid:uid>/leave/", reviews.reviewer_leave, name="reviewer-leave"),
    path("panels/<uuid:uid>/", reviews.panel, name="panel"),
    path("panels/<uuid:uid>/close/", reviews.panel_close, name="panel-close"),
    path("panels/<uuid:uid>/reopen/", reviews.panel_reopen, name="panel-reopen"),
    path("organisations/<uuid:uid>/nominate/", nomination_acts.organisation_nominate, name="organisation-nominate"),
    path("organisations/<uuid:uid>/card/", nominations.of_organisation, name="of-organisation"),
    path("<uuid:uid>/", selections.selection, name="selection"),
    path("<uuid:uid>/review/", reviews.review, name="review"),
    path("<uuid:uid>/review/reviewers/new/", reviews.reviewer_new, name="reviewer-new"),
    path("<uuid:uid>/review/bar/", reviews.bar, name="bar"),
    *(
        route
        for kind in Kind.values
        for route in (
            path(f"<uuid:uid>/review/{kind}/criteria/", reviews.criteria_edit, {"kind": kind}, name=f"criteria-{kind}"),
            path(f"<uuid:uid>/review/{kind}/panel/", reviews.panel_new, {"kind": kind}, name=f"panel-new-{kind}"),
        )
    ),
    path("<uuid:uid>/meeting/", meetings.meeting, name="meeting"),
    path("<uuid:uid>/meeting/edit/", meetings.meeting_edit, name="meeting-edit"),
    path("<uuid:uid>/meeting/votes/", meetings.meeting_votes, name="meeting-votes"),
    path("<uuid:uid>/meeting/close/", meetings.meeting_close, name="meeting-close"),
    path("<uuid:uid>/meeting/reopen/", meetings.meeting_reopen, name="meeting-reopen"),
    path("<uuid:uid>/edit/", selections.selection_edit, name="selection-edit"),
    path("<uuid:uid>/done/", selections.selection_done, name="selection-done"),
    path("<uuid:uid>/reopen/", selections.selection_reopen, name="selection-reopen"),
    path("<uuid:uid>/cancel/", selections.selection_cancel, name="selection-cancel"),
    path("<uuid:uid>/people/", list_view(candidates.PeopleList), name="people"),
    path("<uuid:uid>/organisations/", list_view(candidates.OrganisationList), name="organisations"),
]
