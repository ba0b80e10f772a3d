from django.urls import URLPattern, path

from tongxing.core.listing import list_view
from tongxing.core.replica import reads_replica

from .figure_lists import SpreadNames, UnitList
from .listing import ExemptionList, GapList, ReportList
from .views import coverage, definitions, exemptions, gaps, panels, pictures, recruiting, reports

app_name = "targets"
urlpatterns: list[URLPattern] = [
    path("", coverage.coverage, name="coverage"),
    path("data/<slug:key>/", coverage.coverage_data, name="coverage-data"),
    path("units/<slug:key>/", reads_replica(list_view(UnitList)), name="units"),
    path("units/<slug:key>/<slug:kind>/<int:number>/", coverage.unit_page, name="unit"),
    path("units/<slug:key>/<slug:kind>/<int:number>/exempt/", exemptions.exemption_new, name="exemption-new"),
    path("of/<uuid:uid>/", panels.of_organisation, name="of-organisation"),
    path("gaps/", list_view(GapList), name="gaps"),
    path("gaps/<int:gap_id>/", gaps.gap, name="gap"),
    path("gaps/<int:gap_id>/contact/", gaps.record_contact, name="gap-contact"),
    path("gaps/<int:gap_id>/plan/", gaps.plan, name="gap-plan"),
    path("gaps/<int:gap_id>/assign/", gaps.assign, name="gap-assign"),
    path("gaps/assign/", gaps.gaps_assign, name="gaps-assign"),
    path("gaps/due/", gaps.gaps_due, name="gaps-due"),
    path("gaps/remind/", gaps.gaps_remind, name="gaps-remind"),
    path("gaps/workbook/", gaps.gaps_workbook, name="gaps-workbook"),
    path("gaps/issue/", gaps.gaps_issue, name="gaps-issue"),
    path("gaps/invite/", recruiting.gaps_invite, name="gaps-invite"),
    path("exemptions/", list_view(ExemptionList), name="exemptions"),
    path("exemptions/<int:exemption_id>/", exemptions.exemption, name="exemption"),
    path("exemptions/<int:exemption_id>/approve/", exemptions.exemption_approve, name="exemption-approve"),
    path("exemptions/<int:exemption_id>/refuse/", exemptions.exemption_refuse, name="exemption-refuse"),
    path("exemptions/<int:exemption_id>/revoke/", exemptions.exemption_revoke, name="exemption-revoke"),
    path("spread/", pictures.spread_page, name="spread"),
    path("spread/names/", reads_replica(list_view(SpreadNames)), name="spread-names"),
    path("spread/data/<slug:dimension>/", pictures.spread_data, name="spread-data"),
    path("trend/", pictures.trend, name="trend"),
    path("trend/data/<slug:key>/", pictures.trend_data, name="trend-data"),
    path("seats/", pictures.seats, name="seats"),
    path("seats/invite/", recruiting.seats_invite, name="seats-invite"),
    path("seats/workbook/", pictures.seats_workbook, name="seats-workbook"),
    path("reports/", reads_replica(list_view(ReportList)), name="reports"),
    path("reports/new/", reports.report_new, name="report-new"),
    path("reports/<uuid:uid>/", reports.report, name="report"),
    path("reports/<uuid:uid>/lists/<slug:key>/", reports.report_list, name="report-list"),
    path("reports/<uuid:uid>/issue/", reports.report_issue, name="report-issue"),
    path("reports/<uuid:uid>/workbook/", reports.report_export, name="report-export"),
    path("definitions/", definitions.definitions, name="definitions"),
    path("definitions/new/", definitions.definition_new, name="definition-new"),
    path("definitions/<slug:key>/", definitions.definition_edit, name="definition-edit"),
]
