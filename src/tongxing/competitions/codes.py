"""Blind codes: drawn from a secret and the list of entries, so that anybody can draw them again once the secret is out. Knows no table."""

from collections.abc import Iterable, Mapping

from tongxing.core.drawing import digest, seed_of, ticket

WORD = "密号"


def canonical(keys: Iterable[str]) -> str:
    """The list of entries in the one spelling that has one digest."""
    return "".join(f"{key}\n" for key in sorted(keys))


def codes(secret: str, keys: Iterable[str]) -> dict[str, str]:
    """Key → code: 001, 002, … in the order of the tickets. The order of the keys changes nothing."""
    listed = sorted(set(keys))
    seed = seed_of(secret, "", digest(canonical(listed)))
    drawn = sorted(listed, key=lambda key: (ticket(seed, WORD, key), key))
    return {key: f"{number:03d}" for number, key in enumerate(drawn, start=1)}


def faults(secret: str, promised: str, listed: str, given: Mapping[str, str]) -> list[str]:
    """What does not agree, in Chinese: the secret with its digest, the list with its own, the codes with both. Nothing when all does."""
    found = []
    if digest(secret) != promised:
        found.append("公布的种子与抽号时公布的摘要不一致。")
    if digest(canonical(given)) != listed:
        found.append("参赛名单与抽号时的名单摘要不一致。")
    if codes(secret, given) != dict(given):
        found.append("按公布的种子重算，密号与使用的不同。")
    return found
