"""One assessor at two sites on one day: the act refuses it, but plans are moved and people stand in the lists of two bodies."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tongxing.evaluation.models import Duty
from tongxing.evaluation.models.batches import BatchState

from .hits import Hit
from .limits import Limits


class Post(NamedTuple):
    """Somebody's duty on a day."""

    person_id: int
    name: str
    day: date
    site_id: int
    site: str
    batch: str
    organisation_id: int
    area_id: int


def find(posts: Iterable[Post], limits: Limits) -> list[Hit]:
    """An examination is known by its day: duties at two sites on one day count as overlapping."""
    days: dict[tuple[int, date], list[Post]] = defaultdict(list)
    for post in posts:
        days[post.person_id, post.day].append(post)
    found = []
    for (person, day), held in days.items():
        sites = {post.site_id: post for post in held}
        if len(sites) > 1:
            where = "；".join(f"{post.site}（批次 {post.batch}）" for _, post in sorted(sites.items()))
            text = f"考评人员“{held[0].name}”{day} 同一天在 {len(sites)} 个考点有任务：{where}。"
            advice = "对照两处的考评人员签到表，查明本人在哪一处；不在场的一处，评分是否由他人代签。"
            figures = {"考点": len(sites), "批次": sorted({post.batch for post in held})}
            found.append(Hit("two_sites", f"{person}:{day}", held[0].area_id, held[0].organisation_id, text, advice, figures))
    return found


def load(since: date) -> list[Post]:
    """One query."""
    rows = Duty.objects.filter(batch__exam_on__gte=since).exclude(batch__state=BatchState.CANCELLED).order_by("pk")
    fields = (
        "assessor__person_id",
        "assessor__person__name",
        "batch__exam_on",
        "batch__site_id",
        "batch__site__name",
        "batch__code",
        "batch__filing__organisation_id",
        "batch__area_id",
    )
    return [Post(*row) for row in rows.values_list(*fields)]
