"""Addresses of people and coordinators. Lists and forms that show certificates stand in `certificates`."""

from django.urls import path

from tongxing.core.listing import list_view
from tongxing.registry.views import conduct, coordinator_places, coordinators, people, people_conduct, people_doubles
from tongxing.registry.views.conduct_list import ConductList
from tongxing.registry.views.confirmation_list import UnconfirmedList, remind
from tongxing.registry.views.people_list import PeopleList

urlpatterns = [
    path("people/", list_view(PeopleList), name="people"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/similar/", people.similar, name="person-similar"),
    path("people/duplicates/", people_doubles.duplicates, name="duplicates"),
    path("people/duplicates/apart/", people_doubles.not_duplicate, name="not-duplicate"),
    path("people/<uuid:uid>/", people.person, name="person"),
    path("people/<uuid:uid>/history/", people.person_history, name="person-history"),
    path("people/<uuid:uid>/edit/", people.person_edit, name="person-edit"),
    path("people/<uuid:uid>/reveal/<str:field>/", people.person_reveal, name="person-reveal"),
    path("people/<uuid:uid>/account/", people.person_account, name="person-account"),
    path("people/<uuid:uid>/confirm/", people_conduct.person_confirm, name="person-confirm"),
    path("people/<uuid:uid>/conduct/", conduct.conduct_new, name="conduct-new"),
    path("organisations/<uuid:uid>/conduct/", conduct.organisation_conduct_new, name="organisation-conduct-new"),
    path("organisations/<uuid:uid>/confirm/", people_conduct.organisation_confirm, name="organisation-confirm"),
    path("conduct/<int:pk>/lift/", conduct.conduct_lift, name="conduct-lift"),
    path("organisations/confirmation/", list_view(UnconfirmedList), name="confirmations"),
    path("organisations/confirmation/remind/", remind, name="remind-confirmation"),
    path("confirmations/<uuid:uid>/remark/", people_conduct.confirmation_remark, name="confirmation-remark"),
    path("conduct/", list_view(ConductList), name="conduct-records"),
    path("conduct/<int:pk>/strike/", conduct.conduct_strike, name="conduct-strike"),
    path("conduct/<int:pk>/attach/", conduct.conduct_attach, name="conduct-attach"),
    path("conduct/<int:pk>/document/", conduct.conduct_document, name="conduct-document"),
    path("coordinators/<uuid:uid>/", coordinators.coordinator, name="coordinator"),
    path("coordinators/<uuid:uid>/edit/", coordinators.coordinator_edit, name="coordinator-edit"),
    path("coordinators/<uuid:uid>/rejoin/", coordinators.rejoin, name="coordinator-rejoin"),
    path("coordinators/<uuid:uid>/transfer/", coordinator_places.transfer, name="coordinator-transfer"),
    path("coordinators/<uuid:uid>/postings/", coordinator_places.posting_new, name="posting-new"),
    path("coordinators/<uuid:uid>/duty-areas/", coordinator_places.duty_new, name="duty-new"),
    path("coordinators/<uuid:uid>/assignments/", coordinator_places.assign, name="assign"),
    path("coordinators/<uuid:uid>/move/<slug:act>/", coordinators.move, name="coordinator-move"),
    path("assign/", coordinator_places.assign_many, name="assign-many"),
    path("postings/<int:pk>/end/", coordinator_places.posting_end, name="posting-end"),
    path("duty-areas/<int:pk>/end/", coordinator_places.duty_end, name="duty-end"),
    path("assignments/<int:pk>/end/", coordinator_places.assignment_end, name="assignment-end"),
    path("pick/organisation/", coordinator_places.pick_organisation, name="pick-organisation"),
    path("own/", people_conduct.own_record, name="own-record"),
    path("own/organisation/", people_conduct.own_organisation, name="own-organisation"),
]
