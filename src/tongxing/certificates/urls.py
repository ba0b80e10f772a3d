"""Addresses of certificates, and of the pages about coordinators that show or change certificates too."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import certificates, coordinators, filings, panels
from .views.lists import CertificateList, CoordinatorList

app_name = "certificates"
urlpatterns = [
    path("", list_view(CertificateList), name="certificates"),
    path("coordinators/", list_view(CoordinatorList), name="coordinators"),
    path("coordinators/new/", coordinators.coordinator_new, name="coordinator-new"),
    path("merge/", coordinators.merge, name="merge"),
    path("filings/", list_view(filings.FilingList), name="filings"),
    path("filings/new/", filings.filing_new, name="filing-new"),
    path("of-organisation/<uuid:uid>/", panels.of_organisation, name="of-organisation"),
    path("of/<uuid:uid>/", certificates.of_person, name="of-person"),
    path("of/<uuid:uid>/new/", certificates.certificate_new, name="certificate-new"),
    path("<uuid:uid>/", certificates.certificate, name="certificate"),
    path("<uuid:uid>/correct/", certificates.certificate_correct, name="certificate-correct"),
    path("<uuid:uid>/void/", certificates.certificate_void, name="certificate-void"),
    path("<uuid:uid>/reinstate/", certificates.certificate_reinstate, name="certificate-reinstate"),
    path("<uuid:uid>/replace/", certificates.certificate_replace, name="certificate-replace"),
    path("<uuid:uid>/check/", certificates.national_check, name="national-check"),
]
