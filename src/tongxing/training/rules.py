"""Who may do what with providers, classes and people in them: asked by acts, pages and templates alike."""

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core.access import Allowed, Answer, Denied

from .models import CLASS_MOVES, ClassMove, Provider, TrainingClass


def can_manage_at(by: Actor, area_code: int) -> Answer:
    """Providers, courses and the archive are kept by the training officers of the area; the command line and jobs may everywhere."""
    if not isinstance(by, User) or by.may_at("training.manage", area_code):
        return Allowed()
    return Denied("这一步由主管区划的培训管理岗办理，请联系他们。")


def can_suspend(by: Actor, area_code: int) -> Answer:
    """Suspending a provider is a decision of those who supervise it, not of those who keep its record."""
    if not isinstance(by, User) or by.may_at("training.suspend", area_code):
        return Allowed()
    return Denied("暂停和解除承办培训由负责质量督导决定的人办理，您没有这项权限。")


def can_run_provider(by: Actor, provider: Provider) -> Answer:
    """The training officers of the provider's area and the provider's own agents."""
    if not isinstance(by, User):
        return Allowed()
    scope = by.scope("training.run")
    if scope.covers(provider.area_code) or provider.organisation_id in scope.organisations:
        return Allowed()
    return Denied("只有承办机构的经办和主管区划的培训管理岗可以办理，请联系他们。")


def can_run(by: Actor, training_class: TrainingClass) -> Answer:
    """The training officers of the class's area and the agents of the provider that holds it."""
    if not isinstance(by, User):
        return Allowed()
    scope = by.scope("training.run")
    if scope.covers(training_class.area_id) or training_class.provider.organisation_id in scope.organisations:
        return Allowed()
    return Denied("只有承办机构的经办和主管区划的培训管理岗可以办理这个班，请联系他们。")


def can_review(by: Actor, training_class: TrainingClass) -> Answer:
    """Who filed a class never reviews it (two steps, two people)."""
    if not isinstance(by, User):
        return Allowed()
    if not by.may_at("training.review", training_class.area_id):
        return Denied("开班报备由主管区划的培训管理岗审核，您没有这项权限。")
    if training_class.filed_by_id == by.pk:
        return Denied("报备人不能审核自己提交的报备，请交另一位同事审核。")
    return Allowed()


def can_move(by: Actor, training_class: TrainingClass, move: ClassMove) -> Answer:
    if move.permission == "training.review":
        return can_review(by, training_class)
    if move.permission == "training.manage":
        return can_manage_at(by, training_class.area_id)
    return can_run(by, training_class)


def moves_of(training_class: TrainingClass, by: Actor) -> list[ClassMove]:
    """The moves that stand open to `by`: the buttons of the class's page."""
    return [move for move in CLASS_MOVES if training_class.state in move.sources and can_move(by, training_class, move)]
