"""The thresholds of the watch: provisions, read once for a run."""

from datetime import date
from typing import NamedTuple

from tongxing.policy import provisions


class Limits(NamedTuple):
    """One field for each `supervision.watch.*`."""

    volume_factor: float = 3
    volume_least: int = 20
    volume_weeks: int = 8
    seats_days: int = 60
    passes_days: int = 180
    passes_least: int = 20
    chance: float = 1
    account_people: int = 3
    phone_people: int = 3
    address_payees: int = 3
    same_people: int = 4
    same_share: float = 30
    flat_people: int = 10
    flat_spread: float = 2
    digit_scores: int = 40
    rush_applications: int = 30
    rush_hours: float = 2
    back_days: int = 365

    @property
    def by_chance(self) -> float:
        """The probability below which something is not taken for chance; the provision counts in ten-thousandths."""
        return self.chance / 10_000


def limits_on(day: date) -> Limits:
    held = {one.key: one.value for one in provisions.in_force(day)}
    return Limits(**{name: held[f"supervision.watch.{name}"] for name in Limits._fields})
