"""The draw itself (双随机): pure arithmetic that anybody can do again with the published record. Knows no table and no clock.

1. Before: a secret is made, its SHA-256 is published; so is the list of candidates with its SHA-256.
2. A figure that nobody here controls (a lottery's numbers of a later day, named beforehand) is entered when it is out.
3. seed = SHA-256(secret | figure | digest of the list). Every ticket of a candidate is HMAC-SHA-256(seed, "对象|key|n"); the candidates
   with the smallest tickets are drawn. A candidate of weight w holds w tickets, which is drawing in turn with chances in proportion to w.
4. Inspectors: among those who may go, whoever has the fewest visits of this draw goes first; ties by HMAC-SHA-256(seed, "人员|object|key").

Only digests of a key decide: the order in which candidates are listed does not.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tongxing.core.drawing import digest, seed_of, ticket

ALGORITHM = "TX-DRAW-1"
HEAD, OBJECT, PERSON = "抽取", "对象", "人员"


class Object(NamedTuple):
    """What may be visited; `tickets` is its weight."""

    key: str
    tickets: int
    name: str


class Inspector(NamedTuple):
    """Who may be sent, and to which objects never."""

    key: str
    barred: frozenset[str]


class Pool(NamedTuple):
    """All that is frozen before the seed is known."""

    wanted: int
    per_visit: int
    objects: tuple[Object, ...]
    inspectors: tuple[Inspector, ...]


class Drawn(NamedTuple):
    key: str
    inspectors: tuple[str, ...]


def canonical(pool: Pool) -> str:
    """The list as it is published: one line each, sorted, so that one list has one digest."""
    lines = [f"{HEAD}\t{pool.wanted}\t{pool.per_visit}"]
    lines += [f"{OBJECT}\t{one.key}\t{one.tickets}\t{' '.join(one.name.split())}" for one in sorted(pool.objects)]
    lines += [f"{PERSON}\t{one.key}\t{','.join(sorted(one.barred))}" for one in sorted(pool.inspectors, key=lambda one: one.key)]
    return "\n".join(lines) + "\n"


def parsed(text: str) -> Pool:
    """`canonical` read back; ValueError for anything else."""
    objects, people = [], []
    lines = text.splitlines()
    head = lines[0].split("\t") if lines else []
    if len(head) != 3 or head[0] != HEAD:
        raise ValueError(text[:40])
    for line in lines[1:]:
        kind, *parts = line.split("\t")
        if kind == OBJECT and len(parts) == 3:
            objects.append(Object(parts[0], int(parts[1]), parts[2]))
        elif kind == PERSON and len(parts) == 2:
            people.append(Inspector(parts[0], frozenset(filter(None, parts[1].split(",")))))
        else:
            raise ValueError(line[:40])
    return Pool(int(head[1]), int(head[2]), tuple(objects), tuple(people))


def figure(raw: str) -> str:
    """A public figure in one spelling: its groups of digits, joined. "05 09 12+03" and "05,09,12,03" are the same."""
    return "-".join(re.findall(r"[0-9]+", raw))


def chosen(seed: bytes, objects: Iterable[Object], wanted: int) -> list[str]:
    """The keys drawn, in the order of the draw."""
    best = {one.key: min(ticket(seed, OBJECT, one.key, number) for number in range(1, one.tickets + 1)) for one in objects}
    return sorted(best, key=lambda key: (best[key], key))[:wanted]


def draw(pool: Pool, seed: bytes) -> list[Drawn]:
    """Objects, and who goes to each."""
    load = {one.key: 0 for one in pool.inspectors}
    result = []
    for key in chosen(seed, pool.objects, pool.wanted):
        free = [one.key for one in pool.inspectors if key not in one.barred]
        going = sorted(free, key=lambda who: (load[who], ticket(seed, PERSON, key, who)))[: pool.per_visit]
        for who in going:
            load[who] += 1
        result.append(Drawn(key, tuple(going)))
    return result


def understaffed(pool: Pool) -> list[Object]:
    """Objects to which not enough inspectors may go, whatever is drawn."""
    return [one for one in pool.objects if sum(one.key not in who.barred for who in pool.inspectors) < pool.per_visit]


def faults(record: dict[str, Any]) -> list[str]:
    """What does not agree in a published record, in Chinese; nothing when it was a true draw."""
    found = []
    try:
        pool = parsed(record["candidates"])
        secret, beacon = str(record["secret"]), str(record["beacon"])
        said = [Drawn(str(one["key"]), tuple(one["inspectors"])) for one in record["result"]]
        promised, listed = str(record["seed_digest"]), str(record["candidates_digest"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return ["记录不完整或格式不对，无法复算。"]
    if record.get("algorithm") != ALGORITHM:
        found.append(f"算法应为 {ALGORITHM}。")
    if digest(secret) != promised:
        found.append("公布的种子与事先公布的种子摘要不一致。")
    if digest(record["candidates"]) != listed:
        found.append("候选名单与事先公布的名单摘要不一致。")
    if said != draw(pool, seed_of(secret, beacon, listed)):
        found.append("按公布的种子和公开数字重算，结果与公布的不同。")
    return found


def quota(candidates: Sequence[object], *, number: int | None, share: int | None) -> int:
    """How many are drawn: a number, or a share in percent rounded up; never more than there are."""
    wanted = number or -(-len(candidates) * (share or 0) // 100)
    return min(wanted, len(candidates))
