"""What is due: a backup each day at the hour of `backups.hour`, a drill every `backups.drill_days` days.

The worker's timetable calls `run_due` every few minutes; a systemd timer may call it instead (`tongxing backup --scheduled`). Whoever comes
first does the work, the row that says "running" keeps the other out.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from tongxing.accounts.models import User
from tongxing.audit.log import SYSTEM
from tongxing.core.errors import Refused
from tongxing.policy.provisions import value

from . import places
from .archive import Tell, silent
from .drilling import drill
from .making import give_up_lost, make
from .models import Backup, Drill, State
from .retention import remove_old

RETRY_AFTER = timedelta(hours=1)
CANNOT = "还没有给后台任务进程备份口令（TONGXING_BACKUP_PASSPHRASE_FILE），做不了备份。设置办法见 docs/operate.md“备份和恢复”。"

logger = logging.getLogger(__name__)


def slot(now: datetime) -> datetime:
    """The last time at which a backup should have begun."""
    today = timezone.localtime(now).replace(hour=int(value("backups.hour")) % 24, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def backup_is_due(now: datetime) -> bool:
    tried = Backup.objects.filter(scheduled=True)
    done = tried.filter(state__in=[State.DONE, State.REMOVED], started_at__gte=slot(now)).exists()
    return not done and not tried.filter(started_at__gte=now - RETRY_AFTER).exclude(state=State.DONE).exists()


def drill_is_due(now: datetime) -> bool:
    every = int(value("backups.drill_days"))
    if not every or not places.own_backups():
        return False
    return not Drill.objects.filter(started_at__gte=now - (timedelta(days=every) - timedelta(hours=12))).exists()


def run_due() -> None:
    """Do what is due. Without a passphrase nothing can be done here: the start page says that no backup came."""
    give_up_lost()
    places.clear_leftovers(timedelta(days=1))
    now = timezone.now()
    try:
        if not places.known_passphrase():
            return
        if backup_is_due(now):
            back_up()
        if drill_is_due(now):
            drill(passphrase=places.known_passphrase(), by=SYSTEM)
    except Refused as refusal:
        logger.warning("%s", refusal.message)


def back_up(tell: Tell = silent) -> Backup:
    """One automatic backup, and what is too old goes."""
    passphrase = places.known_passphrase()
    if not passphrase:
        raise Refused(CANNOT, code="no_passphrase")
    target = places.new_file()
    make(target, passphrase=passphrase, by=SYSTEM, scheduled=True, tell=tell)
    remove_old()
    return Backup.objects.get(name=target.name, folder=str(target.parent), state=State.DONE)


@task()
def back_up_now(user_id: int) -> None:
    """What the button asks for. Asked twice, the second finds the first one running and says so in its row's place."""
    target, user = places.new_file(), User.objects.get(pk=user_id)
    passphrase = places.known_passphrase()
    if not passphrase:
        now = timezone.now()
        Backup.objects.create(
            name=target.name, folder=str(target.parent), state=State.FAILED, started_at=now, finished_at=now, message=CANNOT
        )
        return
    make(target, passphrase=passphrase, by=user, scheduled=True)


def refuse_outsiders(user: User) -> None:
    """A backup holds every area: only who looks after the whole programme asks for one."""
    if not user.scope("backups.make").covers(settings.PROGRAMME_AREA):
        raise Refused("备份包含全部区划的数据，只有管全区的系统管理员可以发起。", code="not_yours", status=403)
