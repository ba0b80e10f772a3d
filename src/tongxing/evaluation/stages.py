"""What comes next in a batch, in words: the card on top of its page. Asks the same questions as the acts, and changes nothing."""

from dataclasses import dataclass, field

from django.utils import timezone

from .models import Application, ApplicationState, AssessmentBatch, Attendance, BatchState, Candidate, Objection, ObjectionState
from .scoring import pairs

STEPS = (
    BatchState.PLANNED,
    BatchState.ANNOUNCED,
    BatchState.CLOSED,
    BatchState.FIXED,
    BatchState.EXAMINED,
    BatchState.SCORED,
    BatchState.PUBLISHED,
    BatchState.ISSUED,
    BatchState.ARCHIVED,
)


@dataclass
class Next:
    """`act` is the move that a press makes, `label` its button; `blockers` say what must be done before; `links` lead there."""

    text: str
    act: str = ""
    label: str = ""
    blockers: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def progress(batch: AssessmentBatch) -> list[tuple[str, str]]:
    """(label, done | now | later) of every state; for a batch that was cancelled, nothing."""
    if batch.state == BatchState.CANCELLED:
        return []
    here = STEPS.index(BatchState(batch.state))
    return [(state.label, "done" if place < here else "now" if place == here else "later") for place, state in enumerate(STEPS)]


def next_of(batch: AssessmentBatch) -> Next:
    return _NEXT[BatchState(batch.state)](batch)


def _planned(batch: AssessmentBatch) -> Next:
    late = [f"报名截止日 {batch.apply_until} 已过，请先修改计划。"] if timezone.localdate() > batch.apply_until else []
    text = f"核对计划后发布公告。公告在公开页面可见，{batch.apply_from} 起可以报名。"
    return Next(text, "announce", "发布公告", late, [("修改计划", "batch-edit")])


def _waiting(batch: AssessmentBatch) -> int:
    return Application.objects.filter(batch=batch, state=ApplicationState.SUBMITTED).count()


def _announced(batch: AssessmentBatch) -> Next:
    waiting, text = _waiting(batch), f"报名到 {batch.apply_until} 截止。收到的报名可以随到随审。"
    links = [(f"审核报名（{waiting} 份待审）" if waiting else "报名名单", "batch-applications"), ("安排考务人员", "duties")]
    early = [f"{batch.apply_until} 以后才能截止报名。"] if timezone.localdate() <= batch.apply_until else []
    return Next(text, "close", "截止报名", early, links)


def _closed(batch: AssessmentBatch) -> Next:
    waiting = _waiting(batch)
    blockers = [f"还有 {waiting} 份报名没有审核。"] if waiting else []
    return Next("审核完报名后确定考生：名单和准考证号从此不再变。", "fix", "确定考生", blockers, [("审核报名", "batch-applications")])


def _fixed(batch: AssessmentBatch) -> Next:
    candidates = Candidate.objects.filter(batch=batch)
    blockers = []
    if unseated := candidates.filter(seat=None).count():
        blockers.append(f"还有 {unseated} 名考生没有座位。")
    if timezone.localdate() < batch.exam_on:
        blockers.append(f"考试日是 {batch.exam_on}。")
    elif unmarked := candidates.filter(attendance=Attendance.EXPECTED).count():
        blockers.append(f"还有 {unmarked} 名考生没有登记到考。")
    links = [("编排座位、打印准考证", "seats"), ("安排考务人员", "duties"), ("登记到考", "attendance")]
    return Next("编排座位、打印准考证；考试当天登记到考，登记完结束考试。", "examine", "结束考试，开始录分", blockers, links)


def _examined(batch: AssessmentBatch) -> Next:
    found = pairs(batch)
    missing, differing = sum(pair.state == "missing" for pair in found), sum(pair.state == "differs" for pair in found)
    blockers = [f"还有 {missing} 个分数没有录满两遍。"] if missing else []
    blockers += [f"有 {differing} 个分数两遍不一致，须第三人核对。"] if differing else []
    return Next(
        "每科由两个人各录一遍，不一致的由第三人核对，然后确定成绩。", "settle", "确定成绩", blockers, [("录分进度与差异", "differences")]
    )


def _scored(batch: AssessmentBatch) -> Next:
    return Next("核对结果后公示。公示由人社部门办理，公开页面只显示姓名首尾。", "publish", "公示结果", [], [("查看结果", "results")])


def _published(batch: AssessmentBatch) -> Next:
    blockers = []
    if batch.notice_until and timezone.localdate() <= batch.notice_until:
        blockers.append(f"公示到 {batch.notice_until}（含当天），期满后发证。")
    open_cases = Objection.objects.filter(candidate__batch=batch, state=ObjectionState.OPEN).count()
    text = "公示期满、没有异议的发证；有异议的只停该名，其他人照发。"
    text += f"现有 {open_cases} 件异议在核查。" if open_cases else ""
    return Next(text, "issue", "发证", blockers, [("结果与异议", "results")])


def _issued(batch: AssessmentBatch) -> Next:
    return Next("证书已进登记册。接着导出上报数据、整理档案。", "", "", [], [("整理档案", "archive"), ("导出上报数据", "national")])


def _over(batch: AssessmentBatch) -> Next:
    return Next("")


_NEXT = {
    BatchState.PLANNED: _planned,
    BatchState.ANNOUNCED: _announced,
    BatchState.CLOSED: _closed,
    BatchState.FIXED: _fixed,
    BatchState.EXAMINED: _examined,
    BatchState.SCORED: _scored,
    BatchState.PUBLISHED: _published,
    BatchState.ISSUED: _issued,
    BatchState.ARCHIVED: _over,
    BatchState.CANCELLED: _over,
}
