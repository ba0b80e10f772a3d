"""The access matrix of learning. The provider of the scene is the organisation of the matrix, so that its agent has classes of its own."""

import uuid
from types import SimpleNamespace
from typing import Any

from tongxing.core.tests.matrix import Row
from tongxing.learning import authoring, banking, examining
from tongxing.learning.models import Exam, Lesson, Question
from tongxing.training.models import TrainingClass
from tongxing.training.tests.access import READ, school
from tongxing.training.tests.world import COMMAND_LINE, a_class, trainees

from .world import a_lesson, a_question, facts

LOOK = "officer training training_provider leader auditor"
TEACH = "officer training training_provider"
BANK = "officer training"
READ_BANK = "officer training auditor"
OWN = "coordinator trainee"
NOBODY_ELSES = str(uuid.UUID(int=1))


def _class(jiyuan: SimpleNamespace) -> TrainingClass:
    return a_class(jiyuan.kejing, provider=school(jiyuan), mode="mixed")


def held(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _class(jiyuan).uid}


def over(jiyuan: SimpleNamespace) -> dict[str, Any]:
    made = _class(jiyuan)
    TrainingClass.objects.filter(pk=made.pk).update(state="finished")
    return {"uid": made.uid}


def planned(jiyuan: SimpleNamespace) -> dict[str, Any]:
    made = _class(jiyuan)
    lesson = a_lesson(made.course.topics.first(), jiyuan.county)
    return {"uid": made.uid, "pk": authoring.plan_for_class(lesson, made, by=COMMAND_LINE).pk}


def _lesson(jiyuan: SimpleNamespace) -> Lesson:
    return a_lesson(_class(jiyuan).course.topics.first(), jiyuan.county, provider=school(jiyuan))


def enrolled(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": trainees(_class(jiyuan), 1)[0].uid}


def lesson(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _lesson(jiyuan).uid}


def page(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return lesson(jiyuan) | {"number": 1}


def checkpoint(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": authoring.add_checkpoint(_lesson(jiyuan), a_question(), by=COMMAND_LINE, second=10).pk}


def question(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_question(use=False).uid}


def case(jiyuan: SimpleNamespace) -> dict[str, Any]:
    made: Question = banking.write_question(facts("case"), by=COMMAND_LINE)
    return {"uid": made.uid}


def moved(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return question(jiyuan) | {"act": "use"}


def _exam(jiyuan: SimpleNamespace) -> Exam:
    values: dict[str, Any] = {"title": "模拟", "level": 4, "minutes": 30, "pass_percent": 60, "training_class": _class(jiyuan)}
    return examining.make_exam(by=COMMAND_LINE, area=jiyuan.kejing, **values)


def exam(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _exam(jiyuan).uid}


def opening(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return exam(jiyuan) | {"act": "open"}


def line(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": examining.add_line(_exam(jiyuan), by=COMMAND_LINE, kind="single", count=1, points=1).pk}


def nothing(**names: Any) -> Any:
    """What is one's own: the accounts of the matrix belong to no person, so there is nothing."""
    return lambda jiyuan: names


ONE = {"uid": NOBODY_ELSES}
GONE: dict[str, Any] = {"own": 404, "other": 404}
ACCESS = {
    "learning:own": Row(OWN),
    "learning:study": Row(OWN, nothing(uid=NOBODY_ELSES, lesson=NOBODY_ELSES), **GONE),
    "learning:beat": Row(OWN, nothing(pk=1), method="post", own=400, other=400),
    "learning:answer": Row(OWN, nothing(pk=1, checkpoint=1), method="post", **GONE),
    "learning:film": Row("officer training training_provider leader auditor", lesson, **GONE),
    "learning:page": Row("officer training training_provider leader auditor", page, **GONE),
    "learning:start": Row(OWN, nothing(**ONE), method="post", **GONE),
    "learning:attempt": Row(OWN, nothing(**ONE), **GONE),
    "learning:save": Row(OWN, nothing(**ONE), method="post", **GONE),
    "learning:submit": Row(OWN, nothing(**ONE), method="post", **GONE),
    "learning:check": Row(LOOK, nothing(**ONE), **GONE),
    "learning:practice": Row(OWN, **GONE),
    "learning:practice-answer": Row(OWN, nothing(pk=1), method="post", **GONE),
    "learning:feedback-give": Row(OWN, nothing(**ONE), **GONE),
    "learning:lessons": Row(LOOK),
    "learning:lesson-new": Row(TEACH),
    "learning:lesson": Row(LOOK, lesson, other=404),
    "learning:lesson-edit": Row(TEACH, lesson, other=404),
    "learning:lesson-retire": Row(TEACH, lesson, method="post", own=302, other=404),
    "learning:checkpoint-new": Row("officer training", lesson, other=404),
    "learning:checkpoint-drop": Row("officer training", checkpoint, method="post", own=302, other=404),
    "learning:class": Row(LOOK, held, other=404),
    "learning:of-class": Row(LOOK, held, other=404),
    "learning:record": Row(f"{READ} training_provider", enrolled, other=404),
    "learning:plan": Row(TEACH, held, other=404),
    "learning:plan-drop": Row(TEACH, planned, method="post", own=302, other=404),
    "learning:feedback": Row(LOOK, over, other=404),
    "learning:questions": Row(READ_BANK),
    "learning:questions-use": Row(BANK, method="post", own=422, other=403),
    # The bank is one for the programme: another county's officers are refused, whatever they hold there.
    "learning:question-new": Row(BANK, other=403),
    "learning:question": Row(READ_BANK, question, other=404),
    "learning:question-edit": Row(BANK, question, other=404),
    "learning:question-move": Row(BANK, moved, method="post", own=302, other=404),
    "learning:part-new": Row(BANK, case, other=403),
    "learning:exams": Row(LOOK),
    "learning:exam-new": Row(TEACH),
    "learning:exam": Row(LOOK, exam, other=404),
    "learning:line-new": Row(TEACH, exam, other=404),
    "learning:line-drop": Row(TEACH, line, method="post", own=302, other=404),
    # No blueprint yet: said on the page one comes back to.
    "learning:exam-move": Row(TEACH, opening, method="post", own=302, other=404),
    "learning:attempts": Row(LOOK, exam, other=404),
}
