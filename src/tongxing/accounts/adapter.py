"""allauth the way this house wants it: accounts are opened by an administrator, nobody signs up alone; locks and sign-ins are told plainly."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from tongxing.audit import log
from tongxing.core.limits import client_of
from tongxing.core.vault import seal, unseal

from . import lockout, sessions
from .models import User

SECOND_FACTOR = "accounts|second_factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "账号或密码不对。请核对后重试；连续输错 5 次将锁定 5 分钟。",
        "enter_current_password": "当前密码不对，请重新输入。",
        "incorrect_password": "密码不对，请重新输入。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Locks and log see the address that the rest of the house sees."""
        return client_of(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return lockout.key_for(str(credentials.get("username") or ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            minutes = lockout.minutes_left(str(credentials.get("username") or ""))
            who = "这个账号" if minutes else "这台电脑"
            text = f"密码连续输错次数过多，{who}已锁定。请 {minutes or 10} 分钟后再试；忘记密码请联系系统管理员重置。"
            raise ValidationError(text, code=error.code) from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        username = str(credentials.get("username") or "")
        user = User.objects.filter(username=username).first()
        log.record(
            "accounts.sign_in_failed",
            by=log.SYSTEM,
            of=user,
            object_type="accounts.user",
            object_id=user.pk if user else lockout.fingerprint(username),
            label=user.display_name if user else "不存在的账号",
            after={"地址": self.get_client_ip(request)},
        )

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sessions.begin(request, user)
        log.record("accounts.sign_in", by=user, of=user, after={"地址": self.get_client_ip(request)})

    def logout(self, request: HttpRequest) -> None:
        session_key, user = request.session.session_key, request.user
        super().logout(request)
        sessions.forget(session_key)
        if isinstance(user, User):
            log.record("accounts.sign_out", by=user, of=user)

    def set_password(self, user: User, password: str) -> None:
        """The user's own change; the other sessions end with it."""
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        sessions.end_all(user, except_key=self.request.session.session_key if self.request else None)
        log.record("accounts.change_password", by=user, of=user)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of the second factor lie in the vault."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "验证码不对或已过期，请输入验证器上现在显示的 6 位数字。",
    }

    def encrypt(self, text: str) -> str:
        return seal(text, SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, SECOND_FACTOR)
