"""From a request to the user who acts."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from .models import User


def user_of(request: HttpRequest) -> User:
    """The signed-in user of `request`; the views that call it stand behind `requires`, so anything else is refused."""
    if not isinstance(request.user, User):
        raise PermissionDenied("请先登录。")
    return request.user
