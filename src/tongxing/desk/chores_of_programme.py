"""What waits in training, evaluation and subsidies for somebody with the user's rights (start page). Each line counts what its list shows."""

from collections.abc import Iterator

from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.core.listing import counted
from tongxing.evaluation.models import AssessmentBatch
from tongxing.evaluation.waiting import waits
from tongxing.subsidies.models import Claim, ClaimState, Objection, Outcome, PaymentList, PaymentState, Round, RoundState
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


def own_claims(user: User) -> Iterator[Line]:
    """Own claims, or those of the organisation acted for, that were sent back."""
    back = Claim.objects.visible_to(user).filter(state=ClaimState.RETURNED)
    yield Line(counted(back), "笔补贴申请被退回，等待补正", address("subsidies:own"), "red")
