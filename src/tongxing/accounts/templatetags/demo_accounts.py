"""The accounts that the sign-in page of a demonstration lists."""

from django import template
from django.conf import settings

from tongxing.accounts.demo_sign_in import PREFIX
from tongxing.accounts.models import User
from tongxing.accounts.roles import ROLES

register = template.Library()


@register.simple_tag
def demo_accounts() -> list[tuple[User, str]]:
    """(account, what its role does) in the order of the roles; empty outside demonstration mode."""
    if not settings.DEMO or settings.PRODUCTION:
        return []
    users = {user.username: user for user in User.objects.filter(username__startswith=PREFIX, is_active=True)}
    named = [(users.pop(f"{PREFIX}{key}"), role.summary) for key, role in ROLES.items() if f"{PREFIX}{key}" in users]
    return [*named, *((user, user.job) for user in users.values())]
