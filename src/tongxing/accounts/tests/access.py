"""Who may open which address of this room."""

from types import SimpleNamespace
from typing import Any

from tongxing.accounts.models import Grant, User
from tongxing.core.tests.matrix import PUBLIC, SIGNED_IN, Row

NOBODYS = 999_999


def _grant(jiyuan: SimpleNamespace) -> Grant:
    user = User.objects.create_user("someone", None, name="某人")
    return Grant.objects.create(user=user, role="township", area=jiyuan.kejing, granted_by="测试")


def _user(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"user_id": _grant(jiyuan).user_id}


def _grant_id(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"grant_id": _grant(jiyuan).pk}


def _act(name: str, data: dict[str, Any] | None = None, own: int = 302) -> tuple[str, Row]:
    return f"accounts:{name}", Row("admin", _user, method="post", data=data or {}, own=own, other=404)


ACCESS = {
    "accounts:users": Row("auditor admin"),
    "accounts:user": Row("auditor admin", _user, own=200, other=404),
    "accounts:user-new": Row("admin"),
    "accounts:user-edit": Row("admin", _user, own=200, other=404),
    **dict(
        (
            _act("user-disable", {"reason": "调离"}),
            _act("user-enable", own=409),
            _act("user-reset-password", own=200),
            _act("user-reset-second-factor"),
            _act("grant", own=422),
        )
    ),
    "accounts:revoke": Row("admin", _grant_id, method="post", data={"reason": "调离"}, own=302, other=404),
    "accounts:me": Row(SIGNED_IN),
    "accounts:delegate": Row(SIGNED_IN, method="post", own=422, other=422),
    "accounts:end-delegation": Row(SIGNED_IN, lambda jiyuan: {"delegation_id": NOBODYS}, method="post", own=404, other=404),
    "accounts:end-sessions": Row(SIGNED_IN, method="post", own=302, other=302),
    "accounts:draft": Row(SIGNED_IN, own=400, other=400),
    "accounts:keep-alive": Row(SIGNED_IN, method="post"),
    # Exists in demonstration mode only.
    "accounts:demo-sign-in": Row(PUBLIC, method="post", own=404, other=404),
}
