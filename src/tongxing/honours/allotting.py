"""Who reviews whom (分配评审): balanced chance that anybody can draw again. Pure: knows no table and no clock.

Nominees with the fewest possible reviewers go first; each takes those who may review it and have least in hand, one party after the
other as far as it goes; ties fall by ticket. Where a nominee would stay without enough reviewers, work is passed along a chain of
reviewers until it fits, so that nobody is left over as long as any lawful allotment exists.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tongxing.core.drawing import digest, seed_of, ticket

ALGORITHM = "TX-PANEL-1"
REVIEWER, NOMINEE = "评审", "对象"


class Judge(NamedTuple):
    """Somebody who reviews, for which party, and what must be kept away from him."""

    key: str
    party: str
    barred: frozenset[str]


class Roll(NamedTuple):
    """All that is fixed before the seed is made."""

    each: int
    judges: tuple[Judge, ...]
    nominees: tuple[str, ...]


def canonical(roll: Roll) -> str:
    """The list as it is kept: one line each, sorted, so that one list has one digest."""
    lines = [f"{ALGORITHM}\t{roll.each}"]
    lines += [f"{REVIEWER}\t{one.key}\t{one.party}\t{','.join(sorted(one.barred))}" for one in sorted(roll.judges)]
    lines += [f"{NOMINEE}\t{key}" for key in sorted(roll.nominees)]
    return "\n".join(lines) + "\n"


def parsed(text: str) -> Roll:
    """`canonical` read back; ValueError for anything else."""
    head, *lines = text.splitlines() or [""]
    name, _, each = head.partition("\t")
    if name != ALGORITHM:
        raise ValueError(head[:40])
    judges, nominees = [], []
    for line in lines:
        kind, *parts = line.split("\t")
        if kind == REVIEWER and len(parts) == 3:
            judges.append(Judge(parts[0], parts[1], frozenset(filter(None, parts[2].split(",")))))
        elif kind == NOMINEE and len(parts) == 1:
            nominees.append(parts[0])
        else:
            raise ValueError(line[:40])
    return Roll(int(each), tuple(judges), tuple(nominees))


def short_of(roll: Roll) -> dict[str, int]:
    """Nominees that cannot have enough reviewers, whatever is drawn: how many may review each of them."""
    free = {key: sum(key not in judge.barred for judge in roll.judges) for key in roll.nominees}
    return {key: number for key, number in free.items() if number < roll.each}


def allot(roll: Roll, secret: str) -> dict[str, tuple[str, ...]]:
    """By nominee: who reviews it. No two allotments of one roll and seed differ; loads differ by as little as the bars allow."""
    seed = seed_of(secret, "", digest(canonical(roll)))
    may = {key: [one for one in roll.judges if key not in one.barred] for key in roll.nominees}
    load: Counter[str] = Counter({one.key: 0 for one in roll.judges})
    taken: dict[str, list[str]] = {}
    for key in sorted(roll.nominees, key=lambda key: (len(may[key]), ticket(seed, NOMINEE, key))):
        taken[key] = _pick(key, may[key], load, roll.each, seed)
    _level(taken, may, load)
    return {key: tuple(sorted(hands)) for key, hands in taken.items()}


def _pick(key: str, may: Sequence[Judge], load: Counter[str], each: int, seed: bytes) -> list[str]:
    """Those with least in hand, of as many parties as possible among equals."""
    hands: list[str] = []
    parties: Counter[str] = Counter()
    while len(hands) < min(each, len(may)):
        free = [one for one in may if one.key not in hands]
        best = min(free, key=lambda one: (load[one.key], parties[one.party], ticket(seed, REVIEWER, key, one.key)))
        hands.append(best.key)
        load[best.key] += 1
        parties[best.party] += 1
    return hands


def _level(taken: dict[str, list[str]], may: Mapping[str, Sequence[Judge]], load: Counter[str]) -> None:
    """Pass work from hand to hand while that makes the largest difference smaller."""
    while path := _path(taken, may, load):
        for nominee, giver, getter in path:
            taken[nominee].remove(giver)
            taken[nominee].append(getter)
            load[giver] -= 1
            load[getter] += 1


def _path(taken: Mapping[str, list[str]], may: Mapping[str, Sequence[Judge]], load: Counter[str]) -> list[tuple[str, str, str]]:
    """A chain from somebody with much in hand to somebody with at least two less; empty when there is none."""
    for giver in sorted(load, key=lambda key: (-load[key], key)):
        reached: dict[str, list[tuple[str, str, str]]] = {giver: []}
        waiting = [giver]
        while waiting:
            one = waiting.pop(0)
            if load[one] <= load[giver] - 2:
                return reached[one]
            for nominee in sorted(taken):
                if one in taken[nominee]:
                    for other in sorted(may[nominee]):
                        if other.key not in taken[nominee] and other.key not in reached:
                            reached[other.key] = [*reached[one], (nominee, one, other.key)]
                            waiting.append(other.key)
    return []
