"""Addresses of online learning."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import classes, exams, lessons, media, own, practice, questions, sitting

app_name = "learning"
urlpatterns = [
    path("", own.own, name="own"),
    path("study/<uuid:uid>/<uuid:lesson>/", own.study, name="study"),
    path("progress/<int:pk>/beat/", own.beat, name="beat"),
    path("progress/<int:pk>/answer/<int:checkpoint>/", own.answer, name="answer"),
    path("media/<uuid:uid>/film/", media.film, name="film"),
    path("media/<uuid:uid>/page/<int:number>/", media.page, name="page"),
    path("sit/<uuid:uid>/start/", sitting.start, name="start"),
    path("attempts/<uuid:uid>/", sitting.attempt, name="attempt"),
    path("attempts/<uuid:uid>/save/", sitting.save, name="save"),
    path("attempts/<uuid:uid>/submit/", sitting.submit, name="submit"),
    path("attempts/<uuid:uid>/check/", sitting.check, name="check"),
    path("practice/", practice.practice, name="practice"),
    path("practice/<int:pk>/", practice.practice_answer, name="practice-answer"),
    path("feedback/<uuid:uid>/", practice.feedback, name="feedback-give"),
    path("lessons/", list_view(lessons.LessonList), name="lessons"),
    path("lessons/new/", lessons.lesson_new, name="lesson-new"),
    path("lessons/<uuid:uid>/", lessons.lesson, name="lesson"),
    path("lessons/<uuid:uid>/edit/", lessons.lesson_edit, name="lesson-edit"),
    path("lessons/<uuid:uid>/retire/", lessons.lesson_retire, name="lesson-retire"),
    path("lessons/<uuid:uid>/checkpoints/new/", lessons.checkpoint_new, name="checkpoint-new"),
    path("checkpoints/<int:pk>/drop/", lessons.checkpoint_drop, name="checkpoint-drop"),
    path("classes/<uuid:uid>/", classes.training_class, name="class"),
    path("classes/<uuid:uid>/card/", classes.of_class, name="of-class"),
    path("records/<uuid:uid>/", classes.record, name="record"),
    path("classes/<uuid:uid>/plan/", classes.plan, name="plan"),
    path("classes/<uuid:uid>/plan/<int:pk>/drop/", classes.plan_drop, name="plan-drop"),
    path("classes/<uuid:uid>/feedback/", classes.feedback, name="feedback"),
    path("questions/", list_view(questions.QuestionList), name="questions"),
    path("questions/use/", questions.questions_use, name="questions-use"),
    path("questions/new/", questions.question_new, name="question-new"),
    path("questions/<uuid:uid>/", questions.question, name="question"),
    path("questions/<uuid:uid>/edit/", questions.question_edit, name="question-edit"),
    path("questions/<uuid:uid>/parts/new/", questions.question_new, name="part-new"),
    path("questions/<uuid:uid>/move/<str:act>/", questions.question_move, name="question-move"),
    path("exams/", list_view(exams.ExamList), name="exams"),
    path("exams/new/", exams.exam_new, name="exam-new"),
    path("exams/<uuid:uid>/", exams.exam, name="exam"),
    path("exams/<uuid:uid>/lines/new/", exams.line_new, name="line-new"),
    path("lines/<int:pk>/drop/", exams.line_drop, name="line-drop"),
    path("exams/<uuid:uid>/move/<str:act>/", exams.exam_move, name="exam-move"),
    path("exams/<uuid:uid>/attempts/", list_view(exams.AttemptList), name="attempts"),
]
