"""Issuing, revoking and recognising keys. A key never opens more than its user may open."""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import Scope, Token

PREFIX = "tx_"
LIFE_DAYS = 365
LONGEST_LIFE_DAYS = 3 * 365


def _digest(secret: str) -> str:
    """The secret is 256 random bits: a plain digest is enough, there is nothing to guess."""
    return sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue(user: User, *, name: str, scopes: Iterable[str], until: date | None, by: Actor) -> tuple[Token, str]:
    """Make a key; returns the row and the secret, which is shown once and never kept."""
    wanted, today = sorted(set(scopes)), timezone.localdate()
    if not wanted or set(wanted) - set(Scope.values):
        raise Refused(f"令牌范围只能是 {'、'.join(Scope.values)}，至少一项。请重新选择。", code="unknown_scope")
    until = until or today + timedelta(days=LIFE_DAYS)
    if not today <= until <= today + timedelta(days=LONGEST_LIFE_DAYS):
        raise Refused("令牌到期日应在今天以后、三年以内。", code="bad_until")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(user=user, name=name[:60], digest=_digest(secret), scopes=wanted, until=until)
    record("api.issue_token", by=by, of=token, after={"user": user.username, "scopes": wanted, "until": until.isoformat()})
    return token, secret


@transaction.atomic
def revoke(token: Token, *, by: Actor) -> None:
    if token.revoked_at is not None:
        raise Refused("这个令牌已经收回。", code="already_revoked")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record("api.revoke_token", by=by, of=token)


class TokenAuth(HttpBearer):
    """`Authorization: Bearer tx_…`; the request goes on as the token's user."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        found = Token.objects.usable().select_related("user").filter(digest=_digest(token)).first()
        if found is None:
            return None
        today = timezone.localdate()
        if found.last_used_on != today:
            Token.objects.filter(pk=found.pk).update(last_used_on=today)
        request.user = found.user
        return found
