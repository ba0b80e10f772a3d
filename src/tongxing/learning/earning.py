"""What a heartbeat earns: plain arithmetic on the server's clock, so that it can be proven (facts §10: 有记录、可查询、可追溯).

A beat earns at most the time that passed since the person's last beat from the same page, at most what the position moved on, and never more
than was gone through so far. Nothing is earned by the first beat of a page, while hidden or idle, while two pages are open, after a jump ahead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tongxing.policy import provisions

from .models import Checkpoint, Progress, Seat

SLACK_MS = 3_000
"""By so much a player and a line may run apart between two beats without its being a jump."""
END_MS = 2_000
"""Players stop a little before the stated end of a file."""
WORDS = {
    "hidden": "页面不在前台，暂停计时。按播放或“开始计时”接着学。",
    "idle": "有一阵没有操作，暂停计时。按播放或“开始计时”接着学。",
    "doubled": "您同时打开了两个学习页面，都不计时。请只留一个，一分钟后接着计。",
    "jump": "不能跳过没有学的部分，已回到学过的地方。",
    "day": "今天计入的学习时间已到上限，可以看，不再计时，明天接着学。",
}


@dataclass(frozen=True)
class Beat:
    """What the page says: which page it is, where it stands, whether it is to be seen, whether somebody touched it since the last."""

    tab: str
    position_ms: int
    visible: bool = True
    touched: bool = True
    leaving: bool = False


@dataclass
class Heard:
    """What the server answers. `go_to_ms`: where the page has to go back to; `checkpoint`: the question that comes before going on."""

    gained_ms: int
    why: str = ""
    go_to_ms: int | None = None
    checkpoint: Checkpoint | None = None
    done: bool = False


@dataclass(frozen=True)
class Limits:
    """The provisions of a day, read once for a beat."""

    gap_ms: int
    idle: timedelta
    day_ms: int
    share: int

    @classmethod
    def today(cls) -> "Limits":
        names = ("longest_gap_seconds", "idle_minutes", "minutes_a_day", "watched_share")
        gap, idle, day, share = (int(provisions.value(f"learning.{name}")) for name in names)
        return cls(gap * 1000, timedelta(minutes=idle), day * 60_000, share)


def earn(seat: Seat, row: Progress, beat: Beat, *, stop_ms: int, left_ms: int, now: datetime, limits: Limits) -> Heard:
    """Judge a beat and bring seat and progress up to date, in memory. `stop_ms`: the next open question or the end; `left_ms`: of the day."""
    passed_ms, why = _passed(seat, row, beat, now, limits)
    heard = _moved(row, beat, passed_ms, stop_ms, why)
    if heard.gained_ms > left_ms:
        heard.gained_ms, heard.why = max(0, left_ms), "day"
    row.earned_ms += heard.gained_ms
    row.studied_at = now
    seat.tab, seat.progress, seat.beat_at = "" if beat.leaving else beat.tab[:40], row, now
    if beat.touched and beat.visible:
        seat.touched_at = now
    return heard


def _passed(seat: Seat, row: Progress, beat: Beat, now: datetime, limits: Limits) -> tuple[int, str]:
    """The time that this beat may earn in milliseconds, and why it is none."""
    if seat.beat_at is None or not seat.tab:
        return 0, ""
    # A clock that was set back earns nothing.
    since_ms = max(0, int((now - seat.beat_at).total_seconds() * 1000))
    is_other = seat.tab != beat.tab[:40]
    if is_other and since_ms < limits.gap_ms:
        seat.doubled_at = now
    if seat.doubled_at and abs((now - seat.doubled_at).total_seconds()) * 1000 < limits.gap_ms:
        return 0, "doubled"
    if not beat.visible:
        return 0, "hidden"
    if not beat.touched and (seat.touched_at is None or now - seat.touched_at > limits.idle):
        return 0, "idle"
    return (0 if is_other or seat.progress_id != row.pk else min(since_ms, limits.gap_ms)), ""


def _moved(row: Progress, beat: Beat, passed_ms: int, stop_ms: int, why: str) -> Heard:
    """Where the position may stand now and what it earns; sets `position_ms` and `furthest_ms` of the row."""
    asked = max(0, beat.position_ms)
    if asked > row.furthest_ms + passed_ms + SLACK_MS:
        row.position_ms = row.furthest_ms
        return Heard(0, why or "jump", row.furthest_ms)
    here = min(asked, stop_ms)
    heard = Heard(0, why)
    if not why:
        row.furthest_ms = max(row.furthest_ms, here)
        advance_ms = here - row.position_ms
        # Going back and then on again earns what an uneven line took, never more than was gone through; leaping on within it earns nothing.
        if advance_ms <= passed_ms + SLACK_MS:
            heard.gained_ms = max(0, min(passed_ms, advance_ms, row.furthest_ms - row.earned_ms))
    row.position_ms = min(here, row.furthest_ms)
    return heard


def is_through(row: Progress, seconds: int, share: int) -> bool:
    """Gone through to the end, and enough of it earned (provision `learning.watched_share`)."""
    end_ms = seconds * 1000 - END_MS
    return row.furthest_ms >= end_ms and row.earned_ms * 100 >= end_ms * share
