"""What comes of a selection: the meeting and its votes, the public notice and objections, the pack for the province, the honours."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Organisation, Person
from tongxing.registry.models.fields import VaultColumn

from .nominations import Kind, Nomination
from .selections import Selection


class Meeting(models.Model):
    """The meeting that decides (会议研究). `present`: [{"name", "party", "body"}] of those who took part."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    selection = models.OneToOneField(Selection, models.CASCADE, related_name="meeting")
    held_on = models.DateField("会议日期")
    place = models.CharField("地点", max_length=120)
    chair = models.CharField("主持人", max_length=60)
    present = models.JSONField("参会人员", default=list)
    minutes = models.TextField("会议纪要", blank=True)
    closed_on = models.DateField("定稿日期", null=True, blank=True)
    closed_by = models.CharField("定稿人", max_length=60, blank=True)
    recorded_by = models.CharField("记录人", max_length=60)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = "选树会议"

    def __str__(self) -> str:
        return f"{self.selection} {self.held_on}"


class Choice(models.TextChoices):
    CHOSEN = "chosen", "拟推荐"
    PASSED_OVER = "passed_over", "不推荐"


class Vote(models.Model):
    """What the meeting decided on one nominee, with the reason where it departs from the ranking."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="votes")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="votes")
    agree = models.PositiveSmallIntegerField("同意")
    against = models.PositiveSmallIntegerField("不同意")
    abstain = models.PositiveSmallIntegerField("弃权")
    choice = models.CharField("结论", max_length=12, choices=Choice.choices)
    place = models.PositiveSmallIntegerField("推荐次序", null=True, blank=True)
    reason = models.CharField("与评审名次不一致的原因", max_length=300, blank=True)

    class Meta:
        ordering = ["meeting_id", "choice", "place", "id"]
        verbose_name = "会议表决"
        constraints = [models.UniqueConstraint(fields=["meeting", "nomination"], name="honours_vote_once")]

    def __str__(self) -> str:
        return f"{self.nomination.number} {self.get_choice_display()}"


class NoticeState(models.TextChoices):
    DRAFT = "draft", "待发布"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤下"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("honours.view").reaching_up("selection__area_id")) if user.is_authenticated else self.none()

    def on_show(self, day: date) -> Self:
        """What the public may read on a day; nobody has to take a list down."""
        return self.filter(state=NoticeState.PUBLISHED, published_on__lte=day, shown_until__gte=day)


class Notice(models.Model):
    """The public notice (公示) of a selection. Its list is kept as it was published."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    selection = models.ForeignKey(Selection, models.PROTECT, related_name="notices", verbose_name="年度选树")
    title = models.CharField("标题", max_length=120)
    text = models.TextField("正文", blank=True)
    contact = models.CharField("受理异议的联系方式", max_length=200, help_text="单位座机、邮箱和地址；手机号不能公开")
    attachments = models.JSONField("附件", default=list, help_text="存档文件编号")
    state = models.CharField("状态", max_length=10, choices=NoticeState.choices, default=NoticeState.DRAFT)
    lines = models.JSONField("公示名单", default=list)
    published_on = models.DateField("发布日期", null=True, blank=True)
    ends_on = models.DateField("公示至", null=True, blank=True)
    shown_until = models.DateField("可看至", null=True, blank=True)
    published_by = models.CharField("发布人", max_length=60, blank=True)
    withdrawn_reason = models.CharField("撤下原因", max_length=200, blank=True)
    made_by = models.CharField("拟稿", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "选树公示"
        indexes = [models.Index(fields=["created_at", "id"], name="honours_notice_created")]

    def __str__(self) -> str:
        return self.title

    @property
    def area_code(self) -> int:
        return self.selection.area_id


class Outcome(models.TextChoices):
    OPEN = "open", "核查中"
    DISMISSED = "dismissed", "不成立"
    UPHELD = "upheld", "成立"


class Objection(models.Model):
    """Somebody says that a name does not belong on the list: the clock of that name stands still. `published` is what the public reads of it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("异议编号", max_length=30, unique=True)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections", verbose_name="公示")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="objections", verbose_name="推荐")
    text = models.TextField("异议内容")
    by_name = models.CharField("提出人", max_length=60, blank=True)
    contact_sealed = VaultColumn("联系方式")
    raised_on = models.DateField("提出日期", default=timezone.localdate)
    outcome = models.CharField("结论", max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    finding = models.CharField("核查情况", max_length=500, blank=True)
    published = models.CharField("公开的处理结果", max_length=300, blank=True)
    settled_on = models.DateField("办结日期", null=True, blank=True)
    settled_by = models.CharField("办结人", max_length=60, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "选树异议"
        indexes = [models.Index(fields=["raised_on", "id"], name="honours_objection_raised")]

    def __str__(self) -> str:
        return self.number


class Pack(models.Model):
    """The papers for the province, as they were made: one file, what it holds with digests, when it went and when it was received."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    selection = models.ForeignKey(Selection, models.PROTECT, related_name="packs", verbose_name="年度选树")
    round = models.PositiveSmallIntegerField("第几次")
    file_id = models.BigIntegerField("存档文件")
    sha256 = models.CharField("摘要", max_length=64)
    manifest = models.JSONField("清单", default=list)
    made_at = models.DateTimeField("生成时间", default=timezone.now)
    made_by = models.CharField("生成人", max_length=60)
    sent_on = models.DateField("报送日期", null=True, blank=True)
    sent_how = models.CharField("报送方式", max_length=120, blank=True)
    received_on = models.DateField("省级收到日期", null=True, blank=True)
    receipt = models.CharField("收件凭据", max_length=120, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        verbose_name = "报送材料"
        constraints = [models.UniqueConstraint(fields=["selection", "round"], name="honours_pack_round")]

    def __str__(self) -> str:
        return f"{self.selection} 第 {self.round} 次"

    @property
    def area_code(self) -> int:
        return self.selection.area_id


class HonourLevel(models.TextChoices):
    MODEL = "model", "年度选树典型"
    GOLD = "gold", "省级金牌"


class HonourQuerySet(models.QuerySet["Honour"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("honours.view").as_q("area_id")) if user.is_authenticated else self.none()

    def standing(self) -> Self:
        return self.filter(withdrawn_on=None)


class Honour(models.Model):
    """One line of the honours roll (荣誉榜): a model of a year, or a gold one of the province. A withdrawn one stays, with its reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="协调员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="社会组织")
    nomination = models.ForeignKey(Nomination, models.PROTECT, null=True, blank=True, related_name="honours", verbose_name="推荐")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    year = models.PositiveSmallIntegerField("年度")
    level = models.CharField("等次", max_length=8, choices=HonourLevel.choices)
    title = models.CharField("称号", max_length=80)
    awarded_on = models.DateField("授予日期")
    awarded_by = models.CharField("授予单位", max_length=120)
    document = models.CharField("文号", max_length=120, blank=True)
    deed = models.CharField("公开的事迹", max_length=300, blank=True)
    photo_consent = models.CharField("照片公开同意书", max_length=120, blank=True, help_text="同意的日期和形式；空白即没有同意，不公开照片")
    withdrawn_on = models.DateField("撤销日期", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=200, blank=True)
    recorded_by = models.CharField("登记人", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = HonourQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-id"]
        verbose_name = "荣誉"
        indexes = [models.Index(fields=["year", "id"], name="honours_honour_year")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False, organisation=None)
                | Q(kind="organisation", organisation__isnull=False, person=None),
                name="honours_honour_subject",
            ),
            models.UniqueConstraint(
                fields=["person", "year", "level"], condition=Q(person__isnull=False, withdrawn_on=None), name="honours_honour_person"
            ),
            models.UniqueConstraint(
                fields=["organisation", "year", "level"],
                condition=Q(organisation__isnull=False, withdrawn_on=None),
                name="honours_honour_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.title}"

    @property
    def area_code(self) -> int:
        return self.area_id
