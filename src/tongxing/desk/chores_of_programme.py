"""What waits in training, learning, evaluation, supervision, the selection and subsidies for somebody with the user's rights (start page). Each line counts what its list shows."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.competitions.models import Competition, CompetitionState
from tongxing.core.listing import counted
from tongxing.evaluation.models import AssessmentBatch
from tongxing.evaluation.waiting import waits
from tongxing.honours import timing
from tongxing.honours.models import Assignment, AssignmentState, Nomination, NominationState, Reviewer, Selection, SelectionState
from tongxing.honours.models import Objection as SelectionObjection
from tongxing.honours.rules import recommended_by
from tongxing.learning.models import Question, QuestionState
from tongxing.learning.own import exams_to_sit, person_of, unfinished_lessons
from tongxing.subsidies.models import Claim, ClaimState, Objection, Outcome, PaymentList, PaymentState, Round, RoundState
from tongxing.supervision.models import Finding, FindingState, Sanction, SanctionState, Visit
from tongxing.supervision.models.visits import OPEN_VISITS
from tongxing.training.models import ClassState, TrainingClass
from tongxing.training.models.classes import left_open

from .chore import Line
from .navigation import address

BATCHES: tuple[tuple[str, str, str, str], ...] = (
    ("evaluation.edit", "applications", "个评价批次有报名等待审核", "amber"),
    ("evaluation.score", "scores", "个评价批次等待录分", "amber"),
    ("evaluation.issue", "publish", "个评价批次成绩已定，等待公示", "amber"),
    ("evaluation.issue", "objections", "个评价批次有异议等待核查", "red"),
    ("evaluation.issue", "issue", "个评价批次公示期满，可以发证", "amber"),
)
CLAIMS: tuple[tuple[str, ClaimState, str, str], ...] = (
    ("subsidies.handle", ClaimState.SUBMITTED, "笔补贴申请等待受理", "amber"),
    ("subsidies.approve", ClaimState.ACCEPTED, "笔补贴申请等待审批", "amber"),
    ("subsidies.handle", ClaimState.APPROVED, "笔补贴已审批，等待公示", "amber"),
    ("subsidies.pay", ClaimState.CLEARED, "笔补贴公示期满，等待拨付", "amber"),
    ("subsidies.handle", ClaimState.BOUNCED, "笔补贴被银行退回，等待更正账号", "red"),
)
LISTS: tuple[tuple[str, PaymentState, str], ...] = (
    ("subsidies.approve", PaymentState.DRAFT, "份拨付单等待审核"),
    ("subsidies.pay", PaymentState.APPROVED, "份拨付单等待送银行"),
    ("subsidies.pay", PaymentState.SENT, "份拨付单等待银行回单"),
    ("subsidies.pay", PaymentState.PARTLY, "份拨付单只到账一部分"),
)


def training(user: User) -> Iterator[Line]:
    """Classes that wait for a review, or are over and not yet closed."""
    rows = TrainingClass.objects.visible_to(user)
    today, page = timezone.localdate(), address("training:classes")
    if user.may("training.review"):
        filed = rows.filter(state=ClassState.FILED)
        late = filed.filter(review_due_on__lt=today).exists()
        text = "个培训班报备等待审核" + ("，有的已逾期" if late else "")
        yield Line(counted(filed), text, f"{page}?state=filed", "red" if late else "amber")
    if user.may("training.run"):
        yield Line(counted(rows.filter(left_open(today))), "个培训班已过结束日期，还没有结业", f"{page}?over=1", "amber")


def evaluation(user: User) -> Iterator[Line]:
    """Batches with applications to check, scores to enter, results to publish, objections to look into, certificates to issue."""
    rows, page = AssessmentBatch.objects.visible_to(user), address("evaluation:batches")
    for permission, what, text, tone in BATCHES:
        if user.may(permission):
            yield Line(counted(rows.filter(waits(what))), text, f"{page}?waits={what}", tone)


def subsidies(user: User) -> Iterator[Line]:
    """Claims at the step that is the user's, objections, notices to publish, payments to check, send and settle."""
    claims, page = Claim.objects.visible_to(user), address("subsidies:claims")
    for permission, state, text, tone in CLAIMS:
        if user.may(permission):
            yield Line(counted(claims.filter(state=state)), text, f"{page}?state={state.value}", tone)
    if user.may("subsidies.handle"):
        cases = Objection.objects.filter(claim__in=claims, outcome=Outcome.OPEN)
        yield Line(counted(cases), "件公示异议等待核查", f"{address('subsidies:objections')}?outcome=open", "red")
    if user.may("subsidies.approve"):
        drafts = Round.objects.visible_to(user).filter(state=RoundState.DRAFT)
        yield Line(counted(drafts), "份补贴公示拟好了，等待发布", f"{address('subsidies:rounds')}?state=draft", "amber")
    lists = PaymentList.objects.visible_to(user)
    for permission, step, text in LISTS:
        if user.may(permission):
            yield Line(counted(lists.filter(state=step)), text, f"{address('subsidies:payments')}?state={step.value}", "amber")


def supervision(user: User) -> Iterator[Line]:
    """Visits of one's own, findings to look at again, what the own organisation owes, sanctions to decide."""
    today = timezone.localdate()
    if user.may("supervision.inspect"):
        mine = Visit.objects.of_inspector(user).filter(state__in=OPEN_VISITS)
        late = mine.filter(due_until__lt=today).exists()
        text = "次现场检查等您去做" + ("，有的已过期限" if late else "")
        yield Line(mine.count(), text, address("supervision:mine"), "red" if late else "amber")
    findings, page = Finding.objects.visible_to(user), address("supervision:findings")
    if user.may("supervision.manage"):
        answered = findings.filter(state=FindingState.ANSWERED)
        yield Line(counted(answered), "个督导问题已整改，等待复查", f"{page}?state=answered", "amber")
    sanctions, cases = Sanction.objects.visible_to(user), address("supervision:sanctions")
    if user.may("supervision.answer"):
        ordered = findings.filter(state=FindingState.ORDERED)
        late = findings.overdue(today).exists()
        text = "个督导问题等待本机构整改" + ("，有的已逾期" if late else "")
        yield Line(counted(ordered), text, f"{page}?state=ordered", "red" if late else "amber")
        told = sanctions.filter(state=SanctionState.NOTIFIED)
        yield Line(counted(told), "项拟作处理已告知，可以陈述申辩", f"{cases}?state=notified", "red")
    if user.may("supervision.sanction"):
        heard = sanctions.filter(state=SanctionState.HEARD)
        yield Line(counted(heard), "项督导处理已听取意见，等待决定", f"{cases}?state=heard", "amber")


def competitions(user: User) -> Iterator[Line]:
    """Competitions whose appeals wait for a finding."""
    if user.may("competitions.manage"):
        appealed = Competition.objects.visible_to(user).with_open_appeals()
        yield Line(counted(appealed), "次技能竞赛有申诉等待处理", f"{address('competitions:competitions')}?appeal=1", "red")


def judging(user: User) -> Iterator[Line]:
    """Competitions in which the person marks, keys or leads now."""
    running = Competition.objects.judged_by(user).filter(state=CompetitionState.MARKING)
    yield Line(counted(running), "次技能竞赛正在评分", address("competitions:mine"), "amber")


def honours(user: User) -> Iterator[Line]:
    """Years of the selection that run late, nominations to check."""
    if user.may("honours.manage"):
        late = timing.late_among(Selection.objects.visible_to(user))
        yield Line(len(late), "个年度的选树有环节逾期", f"{address('honours:selections')}?late=1", "red")
        managed = Selection.objects.filter(user.scope("honours.manage").as_q("area_id"))
        cases = SelectionObjection.objects.filter(notice__selection__in=managed, outcome="open")
        yield Line(counted(cases), "件选树异议等待核查", f"{address('honours:objections')}?outcome=open", "red")
        waiting = Nomination.objects.visible_to(user).filter(state=NominationState.SUBMITTED)
        yield Line(counted(waiting), "份选树推荐等待审核", f"{address('honours:nominations')}?state=submitted", "amber")


def own_nominations(user: User) -> Iterator[Line]:
    """Nominations of one's own that were sent back."""
    back = recommended_by(user).filter(state=NominationState.RETURNED)
    yield Line(back.count(), "份选树推荐被退回，等待补正", address("honours:mine"), "red")


def reviews(user: User) -> Iterator[Line]:
    """Relations to declare and nominees to score in the yearly selection."""
    if user.may("honours.review"):
        page = address("honours:reviewing")
        silent = Reviewer.objects.filter(user=user, left_on=None, declared_at=None, selection__state=SelectionState.RUNNING)
        yield Line(counted(silent), "个年度的选树请先声明回避关系", page, "amber")
        given = Assignment.objects.visible_to(user).filter(state=AssignmentState.GIVEN, nomination__state=NominationState.ACCEPTED)
        yield Line(counted(given), "份选树材料等您评分", page, "amber")


def own_learning(user: User) -> Iterator[Line]:
    """Lessons and examinations that wait for the person."""
    if person := person_of(user):
        page = address("learning:own")
        yield Line(unfinished_lessons(person), "节线上课还没有学完", page, "amber")
        yield Line(exams_to_sit(person), "场模拟考试还没有考过", page, "amber")


def bank(user: User) -> Iterator[Line]:
    """Questions that somebody has to look at before they are used."""
    if user.may_at("learning.bank", settings.PROGRAMME_AREA):
        drafts = Question.objects.visible_to(user).newest().filter(case=None, state=QuestionState.DRAFT)
        yield Line(counted(drafts), "道题还是草稿，等待核对启用", f"{address('learning:questions')}?state=draft", "amber")


def own_claims(user: User) -> Iterator[Line]:
    """Own claims, or those of the organisation acted for, that were sent back."""
    back = Claim.objects.visible_to(user).filter(state=ClaimState.RETURNED)
    yield Line(counted(back), "笔补贴申请被退回，等待补正", address("subsidies:own"), "red")
