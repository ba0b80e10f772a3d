"""Addresses of quality supervision."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import anomalies, filling, findings, inspectors, plans, sanctions, visits

app_name = "supervision"
urlpatterns = [
    path("plans/", list_view(plans.PlanList), name="plans"),
    path("plans/new/", plans.plan_new, name="plan-new"),
    path("plans/<uuid:uid>/", plans.plan, name="plan"),
    path("plans/<uuid:uid>/edit/", plans.plan_edit, name="plan-edit"),
    path("plans/<uuid:uid>/announce/", plans.plan_announce, name="plan-announce"),
    path("plans/<uuid:uid>/draw/", plans.plan_draw, name="plan-draw"),
    path("plans/<uuid:uid>/redraw/", plans.plan_redraw, name="plan-redraw"),
    path("plans/<uuid:uid>/publish/", plans.plan_publish, name="plan-publish"),
    path("plans/<uuid:uid>/cancel/", plans.plan_cancel, name="plan-cancel"),
    path("inspectors/", list_view(inspectors.InspectorList), name="inspectors"),
    path("inspectors/new/", inspectors.inspector_new, name="inspector-new"),
    path("inspectors/<uuid:uid>/end/", inspectors.inspector_end, name="inspector-end"),
    path("inspectors/<uuid:uid>/interest/", inspectors.inspector_interest, name="inspector-interest"),
    path("mine/", visits.mine, name="mine"),
    path("visits/", list_view(visits.VisitList), name="visits"),
    path("visits/<uuid:uid>/", visits.visit, name="visit"),
    path("visits/<uuid:uid>/begin/", filling.visit_begin, name="visit-begin"),
    path("visits/<uuid:uid>/fill/", filling.visit_fill, name="visit-fill"),
    path("visits/<uuid:uid>/sync/", filling.visit_sync, name="visit-sync"),
    path("visits/<uuid:uid>/photos/", filling.photo_new, name="photo-new"),
    path("photos/<int:pk>/", filling.photo, name="photo"),
    path("visits/<uuid:uid>/sign/", visits.visit_sign, name="visit-sign"),
    path("visits/<uuid:uid>/reopen/", visits.visit_reopen, name="visit-reopen"),
    path("visits/<uuid:uid>/countersign/", visits.visit_countersign, name="visit-countersign"),
    path("visits/<uuid:uid>/cancel/", visits.visit_cancel, name="visit-cancel"),
    path("visits/<uuid:uid>/replace/", visits.visit_replace, name="visit-replace"),
    path("findings/", list_view(findings.FindingList), name="findings"),
    path("findings/<uuid:uid>/", findings.finding, name="finding"),
    path("findings/<uuid:uid>/answer/", findings.finding_answer, name="finding-answer"),
    path("findings/<uuid:uid>/extend/", findings.finding_extend, name="finding-extend"),
    path("findings/<uuid:uid>/recheck/", findings.finding_recheck, name="finding-recheck"),
    path("findings/<uuid:uid>/regrade/", findings.finding_regrade, name="finding-regrade"),
    path("findings/<uuid:uid>/withdraw/", findings.finding_withdraw, name="finding-withdraw"),
    path("findings/<uuid:uid>/propose/", findings.finding_propose, name="finding-propose"),
    path("sanctions/", list_view(sanctions.SanctionList), name="sanctions"),
    path("sanctions/<uuid:uid>/", sanctions.sanction, name="sanction"),
    path("sanctions/<uuid:uid>/step/<str:act>/", sanctions.sanction_step, name="sanction-step"),
    path("anomalies/", list_view(anomalies.AnomalyList), name="anomalies"),
    path("anomalies/<uuid:uid>/", anomalies.anomaly, name="anomaly"),
    path("anomalies/<uuid:uid>/dismiss/", anomalies.anomaly_dismiss, name="anomaly-dismiss"),
    path("anomalies/<uuid:uid>/visit/", anomalies.anomaly_visit, name="anomaly-visit"),
    path("anomalies/<uuid:uid>/issue/", anomalies.anomaly_issue, name="anomaly-issue"),
    path("bodies/<uuid:uid>/", findings.of_body, name="of-body"),
    path("bodies/<uuid:uid>/visit/", visits.visit_new, name="visit-new"),
]
