"""What the meeting has to look at before it decides: who departs from the ranking, and how the chosen are spread. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Candidate(NamedTuple):
    """A nominee at the meeting: place after the review (None: not scored), and what the advice on spread looks at."""

    key: int
    name: str
    place: int | None
    area: str
    host: str
    front_line: bool


def departing(places: Mapping[int, int | None], chosen: Iterable[int]) -> set[int]:
    """Who was chosen before somebody better placed, and who was passed over for somebody worse placed; equal places never depart.

    Whoever was not scored counts as placed last.
    """
    last = max((place for place in places.values() if place is not None), default=0) + 1
    rank = {key: last if place is None else place for key, place in places.items()}
    taken = set(chosen) & rank.keys()
    left = rank.keys() - taken
    if not taken or not left:
        return set()
    best_left, worst_taken = min(rank[key] for key in left), max(rank[key] for key in taken)
    return {key for key in taken if rank[key] > best_left} | {key for key in left if rank[key] < worst_taken}


def advice(chosen: Sequence[Candidate]) -> list[str]:
    """What is lopsided among people who are to be recommended; advice, not a rule."""
    told = []
    if len(chosen) > 1:
        for what, counts in (("区划", Counter(one.area for one in chosen)), ("单位类别", Counter(one.host for one in chosen))):
            (name, number), *_ = counts.most_common(1)
            if name and number * 2 > len(chosen):
                told.append(f"{len(chosen)} 人里有 {number} 人{what}是“{name}”，可以考虑分布。")
    if chosen and not any(one.front_line for one in chosen):
        told.append("没有一线人员，可以考虑从企业、镇街一线推荐。")
    return told
