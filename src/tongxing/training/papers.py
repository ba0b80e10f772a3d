"""Documents of training: certificates of completion (培训合格证书, facts §10), a person's transcript of hours, the parts of a class archive."""

from collections.abc import Sequence

from django.utils import timezone

from tongxing.papers.document import Block, Document, Heading, Paragraph, Table
from tongxing.registry.models import Person

from .completing import decisions_of
from .hours import hours_of_people
from .models import Attendance, AttendanceState, Enrolment, OnlineCredit, TrainingClass

SIGNS = {AttendanceState.PRESENT: "√", AttendanceState.LATE: "△", AttendanceState.LEAVE: "○", AttendanceState.ABSENT: "×"}


def certificate_of(row: Enrolment) -> Document:
    """The certificate of completion: the fields of facts §10; number, digest and QR code come with issuing. The document number is masked."""
    held, person = row.training_class, row.person
    score = "" if row.test_score is None else f"{row.test_score:.1f} 分"
    facts = [
        ("姓名", person.name),
        (person.get_id_type_display(), person.id_masked or "无证件号"),
        ("培训项目", str(held.course)),
        ("培训班", held.title),
        ("起止日期", f"{held.starts_on} 至 {row.completed_on}"),
        ("完成学时", f"{row.hours} 学时（每学时 45 分钟）"),
        ("考核成绩", score),
        ("培训机构", held.provider.organisation.name),
    ]
    text = f"{person.name}参加劳动关系协调员职业技能培训，完成规定学时，考核合格，特发此证。"
    note = "本证书证明培训合格，不是职业技能等级证书。扫描二维码可核对真伪。"
    blocks: list[Block] = [Paragraph(text), Table(("项目", "内容"), facts, widths=(8, 24)), Paragraph(note)]
    today = timezone.localdate()
    return Document("培训合格证书", blocks, issued_by=held.provider.organisation.name, issued_on=today)


def transcript_of(person: Person, rows: Sequence[Enrolment]) -> Document:
    """A person's hours, class by class and topic by topic."""
    hours = hours_of_people(rows)
    facts = [("姓名", person.name), (person.get_id_type_display(), person.id_masked or "无证件号"), ("截至", str(timezone.localdate()))]
    blocks: list[Block] = [
        Table(("项目", "内容"), facts, widths=(8, 24)),
        Paragraph("以下学时由各承办机构的考勤和线上课记录汇总，每学时 45 分钟。"),
    ]
    for row in rows:
        held, found = row.training_class, hours[row.pk]
        blocks.append(Heading(held.title, 2))
        score = "" if row.test_score is None else f"，考核 {row.test_score:.1f} 分"
        ended = f"{row.get_state_display()}{f'（{row.completed_on}）' if row.completed_on else ''}"
        blocks.append(Paragraph(f"{held.provider}，{held.course}，{held.starts_on} 至 {held.ends_on}。{ended}{score}。"))
        lines = [(topic, number) for topic, number in found.topics.items()]
        blocks.append(Table(("内容", "已得学时"), [*lines, ("合计", found.earned), ("应修", found.planned)], widths=(24, 8), numeric=(1,)))
    return Document("培训学时证明", blocks, issued_by="", issued_on=timezone.localdate())


def archive_parts(held: TrainingClass) -> dict[str, Document]:
    """The parts of the archive by file name: what an inspector asks for (facts §10, §11)."""
    return {
        "01-开班报备": _filing(held),
        "02-学员名册": _roster(held),
        "03-课程表": _sessions(held),
        "04-考勤簿": _attendance(held),
        "05-成绩与结业": _results(held),
    }


def _filing(held: TrainingClass) -> Document:
    facts = [
        ("班名", held.title),
        ("班级代码", held.code),
        ("课程", str(held.course)),
        ("承办机构", held.provider.organisation.name),
        ("主管区划", held.area.name),
        ("方式", held.get_mode_display()),
        ("地点", held.place),
        ("起止日期", f"{held.starts_on} 至 {held.ends_on}"),
        ("名额", str(held.capacity)),
        ("报备日期", str(held.filed_on or "")),
        ("审核", f"{held.reviewed_by} {held.reviewed_on or ''} {held.state_reason}".strip()),
        ("教学计划", held.teaching_plan),
        ("教学资源", held.materials),
        ("考核方案", held.test_plan),
    ]
    trainers = sorted({session.trainer for session in held.sessions.select_related("trainer") if session.trainer}, key=lambda t: t.pk)
    people = [(t.name, t.education, t.title, t.qualification) for t in trainers]
    blocks: list[Block] = [
        Table(("项目", "内容"), facts, widths=(8, 30)),
        Table(("教师", "学历", "职称", "资格"), people, title="授课师资"),
    ]
    return _document("开班报备", held, blocks)


def _roster(held: TrainingClass) -> Document:
    rows = [
        (
            row.serial,
            row.person.name,
            row.person.get_sex_display(),
            row.person.id_masked,
            row.person.phone_masked,
            row.organisation.name if row.organisation else "",
            row.get_funding_display(),
            row.get_state_display(),
        )
        for row in held.enrolments.holding_places().select_related("person", "organisation").order_by("serial")
    ]
    headings = ("学号", "姓名", "性别", "证件号码", "手机号", "报送单位", "费用", "结果")
    return _document("学员名册", held, [Table(headings, rows, widths=(5, 8, 5, 20, 12, 26, 10, 8))], landscape=True)


def _sessions(held: TrainingClass) -> Document:
    rows = [
        (
            str(s.on),
            f"{s.begins:%H:%M}–{s.ends:%H:%M}",
            str(s.topic or "综合"),
            s.hours,
            str(s.trainer or ""),
            "线上" if s.is_online else str(s.room or ""),
        )
        for s in held.sessions.select_related("topic", "trainer", "room")
    ]
    return _document(
        "课程表",
        held,
        [
            Table(("日期", "时间", "内容", "学时", "教师", "教室"), rows, widths=(10, 12, 26, 6, 10, 14), numeric=(3,)),
            *_online(held),
        ],
    )


def _online(held: TrainingClass) -> list[Block]:
    """The online lessons of the class, where it has any."""
    rows = [(str(lesson.topic), lesson.title, lesson.minutes) for lesson in held.online_lessons.select_related("topic")]
    return [Table(("内容", "线上课", "分钟"), rows, title="线上课", widths=(26, 40, 8), numeric=(2,))] if rows else []


def _attendance(held: TrainingClass) -> Document:
    """Signs as attendance books have them: √ △ ○ ×; every change with its reason below."""
    sessions = list(held.sessions.all())
    people = list(held.enrolments.holding_places().select_related("person").order_by("serial"))
    taken = Attendance.objects.filter(session__in=sessions).select_related("session", "enrolment__person").prefetch_related("changes")
    marks = {(mark.session_id, mark.enrolment_id): mark for mark in taken}
    lines = [[row.serial, row.person.name, *(_sign(marks.get((session.pk, row.pk))) for session in sessions)] for row in people]
    headings = ["学号", "姓名", *(f"{s.on:%m-%d} {s.begins:%H:%M}" for s in sessions)]
    changes = [
        (str(mark.session), mark.enrolment.person.name, change.get_before_display(), change.get_after_display(), change.reason, change.by)
        for mark in marks.values()
        for change in mark.changes.all()
    ]
    blocks: list[Block] = [
        Paragraph("√ 到课　△ 迟到　○ 请假　× 缺课　空白：没有记录"),
        Table(headings, lines),
        Table(("课次", "学员", "原为", "改为", "原因", "更改人"), changes, title="考勤更改") if changes else Paragraph("考勤没有更改过。"),
        *_studied(held),
    ]
    return _document("考勤簿", held, blocks, landscape=True)


def _studied(held: TrainingClass) -> list[Block]:
    """Who got credit for which online lesson, and when."""
    rows = [
        (
            credit.enrolment.serial,
            credit.enrolment.person.name,
            credit.lesson.title,
            credit.minutes,
            f"{timezone.localtime(credit.at):%Y-%m-%d %H:%M}",
        )
        for credit in OnlineCredit.objects.filter(lesson__training_class=held)
        .select_related("lesson", "enrolment__person")
        .order_by("enrolment__serial", "lesson_id")
    ]
    return [Table(("学号", "姓名", "线上课", "分钟", "计入时间"), rows, title="线上学时")] if rows else []


def _sign(mark: Attendance | None) -> str:
    return SIGNS[AttendanceState(mark.state)] if mark else ""


def _results(held: TrainingClass) -> Document:
    rows = [
        (
            row.serial,
            row.person.name,
            found.earned,
            found.planned,
            None if row.test_score is None else row.test_score,
            row.get_state_display(),
            row.paper.number if row.paper else "",
            "".join(answer.reasons),
        )
        for row, found, answer in decisions_of(held)
    ]
    headings = ("学号", "姓名", "已得学时", "应修学时", "成绩", "结果", "证书编号", "判定依据")
    widths = (5, 8, 9, 9, 6, 8, 18, 34)
    return _document("成绩与结业", held, [Table(headings, rows, widths=widths, numeric=(2, 3, 4))], landscape=True)


def _document(title: str, held: TrainingClass, blocks: Sequence[Block], *, landscape: bool = False) -> Document:
    issuer = held.provider.organisation.name
    return Document(title, blocks, subtitle=held.title, issued_by=issuer, issued_on=timezone.localdate(), landscape=landscape)
