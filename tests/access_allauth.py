"""What allauth's addresses answer (GET): to the anonymous, and to anybody signed in, with whatever role. Rooms have `<room>/tests/access.py`."""

from typing import Any, NamedTuple


class Answers(NamedTuple):
    anonymous: int
    signed_in: int
    kwargs: dict[str, Any] = {}


# Signed in without a second factor: pages that change it ask for the password again (302), codes that are not there are not found.
ALLAUTH: dict[str, Answers] = {
    "account_login": Answers(200, 302),
    "account_logout": Answers(302, 200),
    "account_inactive": Answers(200, 200),
    # Nobody signs up alone: the page says so.
    "account_reauthenticate": Answers(302, 200),
    "account_change_password": Answers(302, 200),
    "mfa_index": Answers(302, 200),
    "mfa_authenticate": Answers(302, 302),
    "mfa_reauthenticate": Answers(302, 302),
    "mfa_activate_totp": Answers(302, 302),
    "mfa_deactivate_totp": Answers(302, 404),
    "mfa_view_recovery_codes": Answers(302, 404),
    "mfa_generate_recovery_codes": Answers(302, 302),
    "mfa_download_recovery_codes": Answers(302, 404),
}
