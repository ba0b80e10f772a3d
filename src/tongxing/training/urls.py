"""Addresses of training."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import attendance, classes, enrolments, own, providers, sending, sessions, signing_in
from .views.lists import ClassList, CourseList, PeopleList, ProviderList

app_name = "training"
urlpatterns = [
    path("", list_view(ClassList), name="classes"),
    path("new/", classes.class_new, name="class-new"),
    path("people/", list_view(PeopleList), name="people"),
    path("people/admit/", enrolments.admit, name="admit"),
    path("people/<uuid:uid>/", enrolments.enrolment, name="enrolment"),
    path("people/<uuid:uid>/refuse/", enrolments.refuse, name="refuse"),
    path("people/<uuid:uid>/withdraw/", enrolments.withdraw, name="withdraw"),
    path("people/<uuid:uid>/funding/", enrolments.funding, name="funding"),
    path("providers/", list_view(ProviderList), name="providers"),
    path("providers/new/", providers.provider_new, name="provider-new"),
    path("providers/<uuid:uid>/", providers.provider, name="provider"),
    path("providers/<uuid:uid>/eligibility/", providers.eligibility, name="eligibility"),
    path("providers/<uuid:uid>/trainers/new/", providers.trainer_new, name="trainer-new"),
    path("providers/<uuid:uid>/rooms/new/", providers.room_new, name="room-new"),
    path("trainers/<uuid:uid>/retire/", providers.trainer_retire, name="trainer-retire"),
    path("rooms/<uuid:uid>/retire/", providers.room_retire, name="room-retire"),
    path("courses/", list_view(CourseList), name="courses"),
    path("courses/new/", providers.course_new, name="course-new"),
    path("courses/<uuid:uid>/", providers.course, name="course"),
    path("courses/<uuid:uid>/edit/", providers.course_edit, name="course-edit"),
    path("courses/<uuid:uid>/retire/", providers.course_retire, name="course-retire"),
    path("own/", own.own, name="own"),
    path("own/<uuid:uid>/", own.own_class, name="own-class"),
    path("own/<uuid:uid>/apply/", own.own_apply, name="own-apply"),
    path("own/<uuid:uid>/withdraw/", own.own_withdraw, name="own-withdraw"),
    path("send/", sending.send_list, name="send-list"),
    path("send/<uuid:uid>/", sending.send, name="send"),
    path("send/<uuid:uid>/decline/", sending.decline, name="decline"),
    path("sessions/<uuid:uid>/move/", sessions.session_move, name="session-move"),
    path("sessions/<uuid:uid>/drop/", sessions.session_drop, name="session-drop"),
    path("sessions/<uuid:uid>/attendance/", attendance.attendance, name="attendance"),
    path("sessions/<uuid:uid>/attendance/take/", attendance.attendance_take, name="attendance-take"),
    path("sessions/<uuid:uid>/attendance/sync/", attendance.attendance_sync, name="attendance-sync"),
    path("sessions/<uuid:uid>/attendance/<uuid:person>/", attendance.attendance_correct, name="attendance-correct"),
    path("sessions/<uuid:uid>/sheet/", attendance.sheet_print, name="sheet-print"),
    path("sessions/<uuid:uid>/sheet/type/", attendance.sheet_type, name="sheet-type"),
    path("sessions/<uuid:uid>/code/", signing_in.code, name="code"),
    path("sign-in/<uuid:uid>/<str:token>/", signing_in.sign_in, name="sign-in"),
    path("<uuid:uid>/", classes.training_class, name="class"),
    path("<uuid:uid>/edit/", classes.class_edit, name="class-edit"),
    path("<uuid:uid>/announce/", classes.class_announce, name="class-announce"),
    path("<uuid:uid>/file/", classes.class_file, name="class-file"),
    path("<uuid:uid>/return/", classes.class_return, name="class-return"),
    path("<uuid:uid>/approve/", classes.class_approve, name="class-approve"),
    path("<uuid:uid>/start/", classes.class_start, name="class-start"),
    path("<uuid:uid>/finish/", classes.class_finish, name="class-finish"),
    path("<uuid:uid>/archive/", classes.class_archive, name="class-archive"),
    path("<uuid:uid>/postpone/", classes.class_postpone, name="class-postpone"),
    path("<uuid:uid>/cancel/", classes.class_cancel, name="class-cancel"),
    path("<uuid:uid>/sessions/new/", sessions.session_new, name="session-new"),
    path("<uuid:uid>/attendance/upload/", attendance.attendance_upload, name="attendance-upload"),
    path("<uuid:uid>/people/new/", enrolments.person_add, name="person-add"),
]
