"""Nominations (推荐) of people and organisations, their dossier, the opinions on them and the visits paid (notice:A1, notice:A2)."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Organisation, Person

from .selections import Selection


class Kind(models.TextChoices):
    PERSON = "person", "协调员"
    ORGANISATION = "organisation", "社会组织"


class Way(models.TextChoices):
    """Who recommends."""

    ORGANISATION = "organisation", "单位推荐"
    AREA = "area", "区划推荐"
    PARTY = "party", "三方推荐"
    SELF = "self", "本人申报"


class NominationState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "退回补正"
    ACCEPTED = "accepted", "进入评审"
    REFUSED = "refused", "不符合条件"
    WITHDRAWN = "withdrawn", "已撤回"
    CHOSEN = "chosen", "拟推荐"
    PASSED_OVER = "passed_over", "未入选"
    STOPPED = "stopped", "异议成立"
    RECOMMENDED = "recommended", "已推荐"

    @property
    def tone(self) -> str:
        red, green, amber = {"refused", "stopped"}, {"chosen", "recommended"}, {"submitted", "returned"}
        return "red" if self.value in red else "green" if self.value in green else "amber" if self.value in amber else "grey"


OPEN = (NominationState.DRAFT, NominationState.RETURNED)
"""What the nominator may still change."""
UNDER_REVIEW = (
    NominationState.ACCEPTED,
    NominationState.CHOSEN,
    NominationState.PASSED_OVER,
    NominationState.STOPPED,
    NominationState.RECOMMENDED,
)
ENDED = (NominationState.REFUSED, NominationState.WITHDRAWN)


class NominationQuerySet(models.QuerySet["Nomination"]):
    def visible_to(self, user: Any) -> Self:
        """Of the user's areas once they are submitted, and the user's own at any time.

        Who reviews a selection sees none of its nominees this way, so that no list, count or number tells what must not be known: only
        what was given to score (`reviewable_by`), and the own recommendations as long as they wait to be completed.
        """
        from .reviews import Reviewer

        if not user.is_authenticated:
            return self.none()
        sent = user.scope("honours.view").as_q("area_id") & (~Q(state=NominationState.DRAFT) | Q(made_by_id=user.pk))
        sending = user.scope("honours.nominate")
        own = Q(made_by_id=user.pk) if sending else Q(pk__in=[])
        if sending.organisations:
            # As their agent; somebody who merely works there sees nothing of a colleague's nomination.
            own |= Q(nominator_id__in=sending.organisations & user.scope("registry.own_organisation").organisations)
        reviews = Exists(Reviewer.objects.filter(selection_id=OuterRef("selection_id"), user_id=user.pk, left_on=None))
        return self.filter((sent | own) & ~reviews | Q(made_by_id=user.pk, state__in=OPEN) & own)

    def not_barred(self, user: Any) -> Self:
        """Without those that this reviewer must keep away from: not in a list, a count, an export or a message."""
        from .reviews import Conflict

        return self.exclude(Exists(Conflict.objects.filter(nomination_id=OuterRef("pk"), reviewer__user_id=user.pk, lifted_on=None)))

    def reviewable_by(self, user: Any) -> Self:
        """What a reviewer was given to score, and nothing else."""
        from .reviews import GIVEN, Assignment

        if not user.is_authenticated:
            return self.none()
        given = Assignment.objects.filter(nomination_id=OuterRef("pk"), reviewer__user_id=user.pk, reviewer__left_on=None, state__in=GIVEN)
        return self.filter(Exists(given)).not_barred(user)


class Nomination(models.Model):
    """One nominee of a selection. `verdict` is what the rules said when it was submitted, on the selection's reference day."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    selection = models.ForeignKey(Selection, models.PROTECT, related_name="nominations", verbose_name="年度选树")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="协调员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="社会组织")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    number = models.CharField("推荐编号", max_length=20, blank=True, help_text="提交时给出，形如 TJ2026-003")
    way = models.CharField("推荐方式", max_length=12, choices=Way.choices)
    nominator = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="推荐单位")
    nominator_name = models.CharField("推荐人", max_length=120)
    deeds = models.JSONField("符合的业绩条件", default=list, help_text="条款编号")
    summary = models.CharField("简要事迹", max_length=300, blank=True)
    story = models.TextField("主要事迹", blank=True)
    front_line = models.BooleanField("一线人员", default=False)
    state = models.CharField("状态", max_length=12, choices=NominationState.choices, default=NominationState.DRAFT)
    state_note = models.CharField("办理说明", max_length=300, blank=True)
    verdict = models.JSONField("提交时的资格核对", default=dict)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    notice_until = models.DateField("公示至", null=True, blank=True)
    notice_left = models.PositiveSmallIntegerField("公示剩余工作日", null=True, blank=True)
    made_by_id = models.BigIntegerField("填报账号", null=True, blank=True)
    made_by = models.CharField("填报人", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = NominationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "选树推荐"
        indexes = [
            models.Index(fields=["selection", "state", "id"], name="honours_nomination_state"),
            models.Index(fields=["created_at", "id"], name="honours_nomination_created"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False, organisation=None)
                | Q(kind="organisation", organisation__isnull=False, person=None),
                name="honours_nomination_subject",
            ),
            models.UniqueConstraint(
                fields=["selection", "person"],
                condition=Q(person__isnull=False) & ~Q(state__in=ENDED),
                name="honours_nomination_person",
            ),
            models.UniqueConstraint(
                fields=["selection", "organisation"],
                condition=Q(organisation__isnull=False) & ~Q(state__in=ENDED),
                name="honours_nomination_organisation",
            ),
            models.UniqueConstraint(fields=["selection", "number"], condition=~Q(number=""), name="honours_nomination_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject.name}".strip()

    @property
    def subject(self) -> Person | Organisation:
        found = self.person or self.organisation
        assert found is not None  # the constraint
        return found

    @property
    def area_code(self) -> int:
        return self.area_id


class ItemKind(models.TextChoices):
    """What a dossier is assembled from; all but files are records that stand in other rooms."""

    POST = "post", "任职"
    CERTIFICATE = "certificate", "证书"
    TRAINING = "training", "培训"
    AWARD = "award", "获奖与称号"
    MEMBER = "member", "持证协调员"
    SERVICE = "service", "登记的服务"
    FILE = "file", "证明材料"


class DossierItem(models.Model):
    """One piece of a dossier: a record that was ticked (`source` is its uid or number), or a file. `label` keeps what it said when ticked."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="items")
    kind = models.CharField("种类", max_length=12, choices=ItemKind.choices)
    source = models.CharField("来源记录", max_length=60)
    label = models.CharField("内容", max_length=300)
    clause = models.CharField("证明的条件", max_length=20, blank=True)
    file_id = models.BigIntegerField("存档文件", null=True, blank=True)
    added_by = models.CharField("加入人", max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["nomination_id", "kind", "id"]
        verbose_name = "推荐材料"
        constraints = [models.UniqueConstraint(fields=["nomination", "kind", "source"], name="honours_item_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.label}"


class Opinion(models.Model):
    """What the employer or a department says of a nominee."""

    class From(models.TextChoices):
        EMPLOYER = "employer", "所在单位"
        DISCIPLINE = "discipline", "纪检监察部门"
        INSPECTION = "inspection", "劳动保障监察机构"
        CREDIT = "credit", "信用管理部门"
        UNION = "union", "工会"
        FEDERATION = "federation", "企联、工商联"
        OTHER = "other", "其他部门"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="opinions")
    origin = models.CharField("出具单位类别", max_length=12, choices=From.choices)
    body = models.CharField("出具单位", max_length=120)
    agrees = models.BooleanField("同意推荐")
    text = models.CharField("意见", max_length=500)
    given_on = models.DateField("出具日期")
    file_id = models.BigIntegerField("存档文件", null=True, blank=True)
    recorded_by = models.CharField("登记人", max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["nomination_id", "given_on", "id"]
        verbose_name = "推荐意见"

    def __str__(self) -> str:
        return f"{self.body}：{'同意' if self.agrees else '不同意'}"


class Visit(models.Model):
    """A visit on the spot (走访核实): who went, what was found true, what was not."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="visits")
    visited_on = models.DateField("走访日期")
    place = models.CharField("地点", max_length=120)
    visitors = models.CharField("走访人", max_length=120, help_text="两人以上")
    met = models.CharField("见到的人", max_length=120, blank=True)
    findings = models.TextField("核实情况")
    confirmed = models.BooleanField("材料属实")
    file_id = models.BigIntegerField("存档文件", null=True, blank=True)
    recorded_by = models.CharField("登记人", max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["nomination_id", "visited_on", "id"]
        verbose_name = "走访核实"

    def __str__(self) -> str:
        return f"{self.visited_on} {self.place}"
