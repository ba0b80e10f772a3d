"""Loose ends on the start page: what waits for somebody with the user's rights. Each line counts exactly what the list behind it shows."""

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.accounts.requests import user_of
from tongxing.audit.models import Entry
from tongxing.audit.verification import LATE_AFTER
from tongxing.backups.models import Backup
from tongxing.backups.standing import standing
from tongxing.certificates.models import Certificate, CertificateStatus, NationalCheck
from tongxing.core.listing import counted
from tongxing.notices.models import Letter, LetterState
from tongxing.registry.confirmation import unconfirmed
from tongxing.registry.models import Coordinator, Organisation, Posting, RecordConfirmation
from tongxing.registry.models.coordinators import holds_on
from tongxing.sheets.models import Batch, BatchStatus
from tongxing.targets.gaps import catch_up
from tongxing.targets.models import Exemption, ExemptionState, Gap

from . import chores_of_programme as programme
from .chore import Line
from .navigation import address


def chores(request: HttpRequest) -> list[Line]:
    """What waits, red before amber."""
    user = user_of(request)
    parts: dict[str, Callable[[User], Iterable[Line]]] = {
        "targets.chase": _gaps,
        "targets.exempt": _exemptions,
        "sheets.use": _batches,
        "registry.edit": _register,
        "certificates.edit": _certificates,
        "registry.own_record": _own_record,
        "registry.own_organisation": _own_organisations,
        "training.view": programme.training,
        "evaluation.view": programme.evaluation,
        "subsidies.view": programme.subsidies,
        "supervision.view": programme.supervision,
        "competitions.view": programme.competitions,
        "competitions.judge": programme.judging,
        "honours.view": programme.honours,
        "honours.review": programme.reviews,
        "honours.nominate": programme.own_nominations,
        "learning.own": programme.own_learning,
        "learning.bank": programme.bank,
        "audit.view": _log,
        "backups.view": _backups,
        "accounts.manage": _accounts,
        "notices.outbox": _letters,
    }
    lines = [line for permission, part in parts.items() if user.may(permission) for line in part(user) if line.count]
    if not user.may("subsidies.view") and (user.may("registry.own_record") or user.may("subsidies.own")):
        lines += [line for line in programme.own_claims(user) if line.count]
    return sorted(lines, key=lambda line: line.tone != "red")


def _gaps(user: User) -> Iterator[Line]:
    catch_up()
    mine = Gap.objects.visible_to(user).filter(closed_on=None)
    yield Line(counted(mine.filter(due_on__lt=timezone.localdate())), "个缺口已过期限", f"{address('targets:gaps')}?overdue=1", "red")
    yield Line(counted(mine.filter(owner=None)), "个缺口还没有责任人", f"{address('targets:gaps')}?mine=0", "amber")


def _exemptions(user: User) -> Iterator[Line]:
    asked = Exemption.objects.visible_to(user).filter(state=ExemptionState.REQUESTED).count()
    yield Line(asked, "项免设申请等待审批", f"{address('targets:exemptions')}?state=requested", "amber")


def _batches(user: User) -> Iterator[Line]:
    waiting = Batch.objects.visible_to(user)
    for status, text in ((BatchStatus.CHECKED, "份名册检查完了，还没有确认入库"), (BatchStatus.PAUSED, "份名册入库到一半停下了")):
        yield Line(waiting.filter(status=status).count(), text, f"{address('sheets:batches')}?status={status}", "amber")


def _register(user: User) -> Iterator[Line]:
    standing, crew = Organisation.objects.visible_to(user).standing(), Coordinator.objects.visible_to(user).standing()
    unplaced = counted(standing.filter(user.scope("registry.edit").as_q("area_id")).unplaced_on(timezone.localdate()))
    unknown = counted(standing.filter(kind="enterprise", size="unknown"))
    posted = Posting.objects.filter(holds_on(timezone.localdate()), coordinator=OuterRef("pk"))
    organisations, coordinators = address("registry:organisations"), address("certificates:coordinators")
    yield Line(unplaced, "家单位还没有归属到镇街", address("registry:unplaced"), "amber")
    yield Line(unknown, "家企业数据不全，划不出规模", f"{organisations}?kind=enterprise&size=unknown", "amber")
    idle = counted(crew.filter(~Exists(posted), status="active"))
    yield Line(idle, "名在岗协调员没有登记任职单位", f"{coordinators}?status=active&place=unposted", "amber")
    yield Line(counted(unconfirmed(crew)), "名协调员的信息本年度还没有核实", f"{coordinators}?confirmed=no", "amber")


def _certificates(user: User) -> Iterator[Line]:
    checks = NationalCheck.objects.filter(certificate=OuterRef("pk"))
    unchecked = Certificate.objects.visible_to(user).filter(~Exists(checks), status=CertificateStatus.VALID)
    yield Line(
        counted(unchecked), "本有效证书还没有在全国网站查询", f"{address('certificates:certificates')}?status=valid&check=never", "amber"
    )


def _own_record(user: User) -> Iterator[Line]:
    if user.person_id and not RecordConfirmation.objects.filter(person_id=user.person_id, year=timezone.localdate().year).exists():
        yield Line(1, "份本人档案本年度还没有核实", address("registry:own-record"), "amber")


def _own_organisations(user: User) -> Iterator[Line]:
    today, page = timezone.localdate(), address("registry:own-organisation")
    own = Organisation.objects.standing().filter(pk__in=user.scope("registry.own_organisation").organisations)
    posts = Posting.objects.filter(holds_on(today))
    done = RecordConfirmation.objects.filter(year=today.year)
    crew = Coordinator.objects.filter(postings__in=posts.filter(organisation__in=own)).distinct()
    yield Line(own.filter(~Exists(posts.filter(organisation=OuterRef("pk")))).count(), "家本单位还没有协调员", page, "red")
    yield Line(own.filter(~Exists(done.filter(organisation=OuterRef("pk")))).count(), "家本单位的信息本年度还没有核实", page, "amber")
    yield Line(unconfirmed(crew).count(), "名本单位协调员的信息本年度还没有核实", page, "amber")


def _log(user: User) -> Iterator[Line]:
    loose = counted(Entry.objects.filter(block=None, at__lt=timezone.now() - LATE_AFTER))
    yield Line(loose, "条日志逾时没有封存", address("audit:blocks"), "red")


def _backups(user: User) -> Iterator[Line]:
    if not user.scope("backups.view").covers(settings.PROGRAMME_AREA) or (settings.DEMO and not Backup.objects.exists()):
        return
    now, page = standing(), address("backups:backups")
    if now.hours is None:
        yield Line(1, "件要紧的事：还没有做过备份", page, "red")
    elif now.is_late:
        yield Line(now.hours, "小时没有成功的备份", page, "red")
    yield Line(now.failed, "次备份没有成功", page, "red")
    if now.drill_failed:
        yield Line(1, "次恢复演练没有通过", page, "red")
    elif now.drill_is_late:
        yield Line(1, "项恢复演练该做了", page, "amber")


def _accounts(user: User) -> Iterable[Line]:
    held = Grant.objects.current().filter(user=OuterRef("pk"))
    open_accounts = User.objects.visible_to(user).filter(is_active=True)
    page = address("accounts:users")
    yield Line(open_accounts.filter(~Exists(held)).count(), "个启用的账号没有岗位", f"{page}?active=1&role=none", "amber")
    yield Line(open_accounts.filter(last_login=None).count(), "个账号开设后还没有登录过", f"{page}?active=1&signed_in=no")


def _letters(user: User) -> Iterator[Line]:
    failed = Letter.objects.visible_to(user).filter(state=LetterState.FAILED).count()
    yield Line(failed, "封邮件没有发出去", f"{address('notices:outbox')}?state=failed", "red")
