from django.urls import path

from . import assessment_views, bulk_views, draw_views, notice_views, selection_views, signed_views, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("verify/", views.verify, name="verify"),
    path("verify/look-up/", views.look_up, name="look-up"),
    path("verify/offline/", signed_views.offline, name="offline"),
    path("verify/keys/", signed_views.published_keys, name="keys"),
    path("verify/many/", bulk_views.many, name="many"),
    path("verify/many/look-up/", bulk_views.look_up_many, name="look-up-many"),
    path("verify/many/workbook/", bulk_views.many_workbook, name="many-workbook"),
    path("official/", signed_views.official, name="official"),
    # The address in a printed code: short, and never to change. It stands as PLACE in credentials/payload.py.
    path("c/<str:text>", signed_views.signed, name="signed"),
    path(".well-known/jwks.json", signed_views.key_set, name="key-set"),
    path(".well-known/did.json", signed_views.did, name="did"),
    path("did.json", signed_views.did, name="did-below-a-path"),
    path("verify/<str:token>/", views.verified, name="verified"),
    path("assessments/", assessment_views.assessments, name="assessments"),
    path("assessments/<uuid:uid>/", assessment_views.assessment_notice, name="assessment-notice"),
    path("assessments/<uuid:uid>/objection/", assessment_views.assessment_objection, name="assessment-objection"),
    path("inspections/", draw_views.draws, name="draws"),
    path("inspections/<uuid:uid>/", draw_views.draw, name="draw"),
    path("inspections/<uuid:uid>/<int:number>/record/", draw_views.draw_record, name="draw-record"),
    path("programme/", views.programme, name="programme"),
    path("public-notices/", notice_views.notices, name="notices"),
    path("public-notices/<uuid:uid>/", notice_views.notice, name="notice"),
    path("public-notices/<uuid:uid>/files/<uuid:file_uid>/", notice_views.notice_file, name="notice-file"),
    path("public-notices/<uuid:uid>/objection/", notice_views.objection, name="objection"),
    path("selection-notices/", selection_views.selection_notices, name="selection-notices"),
    path("selection-notices/<uuid:uid>/", selection_views.selection_notice, name="selection-notice"),
    path("selection-notices/<uuid:uid>/files/<uuid:file_uid>/", selection_views.selection_file, name="selection-file"),
    path("selection-notices/<uuid:uid>/objection/", selection_views.selection_objection, name="selection-objection"),
    path("honours-roll/", selection_views.honours_roll, name="honours-roll"),
    path("honours-roll/<uuid:uid>/photo/", selection_views.honour_photo, name="honour-photo"),
    path("progress/", notice_views.progress, name="progress"),
    path("progress/look-up/", notice_views.progress_look_up, name="progress-look-up"),
]
