"""An account per role, for looking around. They exist only where demonstration data does."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from django.contrib.auth.hashers import make_password

from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.areas.models import Area
from tongxing.registry.models import Coordinator, Organisation

PASSWORD = "tongxing-demo-2026"  # noqa: S105 - printed on the sign-in page of every demonstration
PREFIX = "demo-"
NAMES = {
    "officer": "王经办",
    "township": "李专员",
    "union": "张工会",
    "federation": "刘联络",
    "training": "陈培训",
    "assessment": "杨评价",
    "assessment_body": "何机构",
    "inspector": "谢督导",
    "scorer": "马录分",
    "subsidy_handler": "赵经办",
    "subsidy_approver": "黄审批",
    "cashier": "周出纳",
    "reviewer": "吴评审",
    "judge": "郑裁判",
    "training_provider": "何教务",
    "coordinator": "徐协调",
    "trainee": "罗学员",
    "agent": "孙代办",
    "leader": "胡局长",
    "auditor": "朱审计",
    "admin": "高管理",
}


@cache
def _hashed() -> str:
    """All of them have the one password that the sign-in page names, so that it is hashed (which is slow by design) once."""
    return make_password(PASSWORD)


def enter(key: str, name: str, job: str) -> User:
    """The account `demo-<key>`."""
    user = User(username=f"{PREFIX}{key}", name=name, job=job, password=_hashed())
    user.save()
    return user


def build(county: Area, township: Area, coordinator: Coordinator, hosts: Mapping[str, Organisation]) -> list[User]:
    """Create `demo-<role>` for every role: the township officer in one town, the coordinator at theirs, agents at the organisation of their role."""
    users = []
    for role in ROLES.values():
        user = enter(role.key, NAMES[role.key], role.name)
        grant = Grant(user=user, role=role.key, since=date(2022, 9, 15), granted_by="演示数据")
        if role.by_organisation:
            grant.organisation_id = hosts[role.key].pk
        else:
            grant.area = township if role.key == "township" else county
        grant.save()
        if role.key == "coordinator":
            user.person_id, user.name = coordinator.person_id, coordinator.person.name
            user.save(update_fields=["person_id", "name"])
        users.append(user)
    return users


def remove() -> int:
    """Take the demonstration accounts away with their grants and everything they saved."""
    users = User.objects.filter(username__startswith=PREFIX)
    Grant.objects.filter(user__in=users).delete()
    return int(users.delete()[0])
