"""Who may do what in online learning: asked by acts, pages and templates alike."""

from django.conf import settings

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core.access import Allowed, Answer, Denied, insist
from tongxing.training.models import Provider, TrainingClass
from tongxing.training.rules import can_run

from .models import Exam, Lesson

__all__ = ["can_keep_exam", "can_keep_lesson", "can_make_exam", "can_make_lesson", "can_run", "can_write_bank", "insist"]


def can_write_bank(by: Actor) -> Answer:
    """The bank is one for the programme: its training officers keep it."""
    if not isinstance(by, User) or by.may_at("learning.bank", settings.PROGRAMME_AREA):
        return Allowed()
    return Denied("题库由示范区的培训管理岗维护，请联系他们。")


def can_make_lesson(by: Actor, area_code: int, provider: Provider | None) -> Answer:
    """The training officers of the area, and a provider's agents for the provider."""
    if not isinstance(by, User):
        return Allowed()
    scope = by.scope("learning.teach")
    if scope.covers(area_code) or (provider is not None and provider.organisation_id in scope.organisations):
        return Allowed()
    return Denied("课件由主管区划的培训管理岗或机构经办制作，请联系他们。")


def can_keep_lesson(by: Actor, lesson: Lesson) -> Answer:
    return can_make_lesson(by, lesson.area_id, lesson.provider)


def can_make_exam(by: Actor, area_code: int, training_class: TrainingClass | None) -> Answer:
    """The training officers of the area, and a provider's agents for the provider's own classes."""
    if not isinstance(by, User):
        return Allowed()
    scope = by.scope("learning.teach")
    if scope.covers(area_code) or (training_class is not None and training_class.provider.organisation_id in scope.organisations):
        return Allowed()
    return Denied("模拟考试由主管区划的培训管理岗，或承办机构为自己的班设置，请联系他们。")


def can_keep_exam(by: Actor, exam: Exam) -> Answer:
    return can_make_exam(by, exam.area_id, exam.training_class)
