"""Users, their grants (role x area or organisation, with dates), delegation, and what a user saved for later."""

from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.areas.scope import Scope, merge, span_of
from tongxing.core.prepared import Prepared, Slot

from .roles import CHOICES, ROLES


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> Self:
        """Accounts with a grant in the areas administered; those without one belong to the whole programme."""
        scope = user.scope("accounts.view") if user.is_authenticated else None
        if not scope:
            return self.none()
        granted = Grant.objects.filter(user=models.OuterRef("pk"))
        query = Q(models.Exists(granted.filter(scope.as_q("area_id", "organisation_id"))))
        if scope.covers(settings.PROGRAMME_AREA):
            query |= Q(~models.Exists(granted)) | Q(models.Exists(granted.filter(organisation_id__isnull=False)))
        return self.filter(query)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in. Never deleted: disabled, so that the audit log keeps its names."""

    username = models.CharField("账号", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=60)
    email = models.EmailField("邮箱", blank=True)
    job = models.CharField("岗位", max_length=60, blank=True)
    is_active = models.BooleanField("启用", default=True)
    disabled_at = models.DateTimeField("停用时间", null=True, blank=True)
    person_id = models.BigIntegerField("对应人员", null=True, blank=True, help_text="registry.Person 的编号；由上层房间填写")
    created_at = models.DateTimeField("建立时间", default=timezone.now)
    must_change_password = models.BooleanField("须改密码", default=False)
    large_print = models.BooleanField("大字版", default=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    # --- what the audit log asks of an actor
    @property
    def display_name(self) -> str:
        return f"{self.name}（{self.username}）"

    @property
    def acting_for(self) -> str:
        """Names of those for whom this user stands in today, for the audit log and the page head."""
        grants: list[Any] = self.current_grants
        return "、".join(sorted({grant.stood_in_for for grant in grants if grant.stood_in_for}))

    def views_of(self, page: str) -> "list[SavedView]":
        """The user's own views of a list page and those colleagues share."""
        return _views_of(user=self.pk, page=page)

    # --- what `visible_to` and `requires` ask of a user
    @cached_property
    def current_grants(self) -> "list[Grant]":
        if not self.is_active:
            return []
        return _grants_of(user=self.pk, day=timezone.localdate())

    @property
    def permissions(self) -> frozenset[str]:
        """All that the user may do somewhere."""
        return frozenset().union(*(grant.permissions for grant in self.current_grants))

    def may(self, permission: str) -> bool:
        return any(permission in grant.permissions for grant in self.current_grants)

    def scope(self, permission: str) -> Scope:
        """Where the user holds `permission` today; empty when nowhere."""
        grants = [grant for grant in self.current_grants if permission in grant.permissions]
        ranges = [span_of(grant.area_id) for grant in grants if grant.area_id is not None]
        organisations = frozenset(grant.organisation_id for grant in grants if grant.organisation_id is not None)
        return Scope(merge(ranges), organisations)

    def may_at(self, permission: str, area_code: int | None) -> bool:
        return self.scope(permission).covers(area_code)

    @property
    def role_keys(self) -> set[str]:
        return {grant.role for grant in self.current_grants}


class GrantQuerySet(models.QuerySet["Grant"]):
    def current(self, on: date | Slot | None = None) -> Self:
        day = on or timezone.localdate()
        held = self.filter(Q(until__gte=day) | Q(until=None), since__lte=day, revoked_at=None)
        # A stand-in's grant lives only while the person stood in for is enabled and still holds the same grant.
        own = Grant.objects.filter(
            Q(until__gte=day) | Q(until=None),
            Q(area_id=models.OuterRef("area_id")) | Q(organisation_id=models.OuterRef("organisation_id")),
            user_id=models.OuterRef("on_behalf_of_id"),
            role=models.OuterRef("role"),
            since__lte=day,
            revoked_at=None,
            on_behalf_of=None,
        )
        return held.filter(Q(on_behalf_of=None) | (Q(on_behalf_of__is_active=True) & models.Exists(own)))

    def visible_to(self, user: Any) -> Self:
        scope = user.scope("accounts.view") if user.is_authenticated else None
        return self.filter(scope.as_q("area_id", "organisation_id")) if scope else self.none()


class Grant(models.Model):
    """(user, role, area or organisation, from, until, on behalf of)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name="账号")
    role = models.CharField("角色", max_length=24, choices=CHOICES)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区划")
    organisation_id = models.BigIntegerField("单位编号", null=True, blank=True, db_index=True)
    since = models.DateField("自", default=timezone.localdate)
    until = models.DateField("至", null=True, blank=True, help_text="含当天")
    on_behalf_of = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代谁")
    delegation = models.ForeignKey("Delegation", models.SET_NULL, null=True, blank=True, related_name="grants")
    granted_by = models.CharField("授权人", max_length=60)
    reason = models.CharField("理由", max_length=200, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["user_id", "role", "since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(area__isnull=False, organisation_id=None) | Q(area=None, organisation_id__isnull=False),
                name="accounts_grant_area_or_organisation",
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=models.F("since")), name="accounts_grant_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None or (self.until is not None and self.until < timezone.localdate())

    @property
    def permissions(self) -> frozenset[str]:
        return ROLES[self.role].permissions if self.role in ROLES else frozenset()


_grants_of = Prepared(
    Grant, lambda: Grant.objects.filter(user_id=Slot("user")).current(Slot("day")).annotate(stood_in_for=models.F("on_behalf_of__name"))
)
"""Asked at the beginning of every request: what was revoked a moment ago no longer holds."""


class Delegation(models.Model):
    """Leave cover: `giver` hands the own grants to `taker` for some days; the grants themselves are rows of Grant."""

    giver = models.ForeignKey(User, models.CASCADE, related_name="delegations_given", verbose_name="委托人")
    taker = models.ForeignKey(User, models.CASCADE, related_name="delegations_taken", verbose_name="代办人")
    since = models.DateField("自")
    until = models.DateField("至", help_text="含当天")
    reason = models.CharField("事由", max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField("收回时间", null=True, blank=True)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [models.CheckConstraint(condition=Q(until__gte=models.F("since")), name="accounts_delegation_dates")]

    def __str__(self) -> str:
        return f"{self.giver.name} → {self.taker.name}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None and self.until >= timezone.localdate()


class UserSession(models.Model):
    """Which session belongs to whom, so that all of a user's sessions can be ended at once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    ip = models.CharField("地址", max_length=45, blank=True)
    agent = models.CharField("浏览器", max_length=200, blank=True)
    started_at = models.DateTimeField("登录时间", default=timezone.now)
    seen_at = models.DateTimeField("最近使用", default=timezone.now)

    class Meta:
        ordering = ["-seen_at"]


class SavedView(models.Model):
    """A list page's filters, columns and order under a name; shared ones are seen by colleagues with the same page."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=60)
    name = models.CharField("名称", max_length=60)
    query = models.TextField("条件", blank=True)
    shared = models.BooleanField("共享", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="accounts_view_name_once")]


_views_of = Prepared(
    SavedView,
    lambda: (
        SavedView.objects.filter(Q(user_id=Slot("user")) | Q(shared=True), page=Slot("page"))
        .annotate(owner_name=models.F("user__name"))
        .order_by("name")[:50]
    ),
)


class Draft(models.Model):
    """What a user typed into a form and has not saved yet; kept by `core/drafts.js`, offered again on return."""

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=120)
    content = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form"], name="accounts_draft_once")]
