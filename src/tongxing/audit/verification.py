"""Verifying the log: every finding names the block and, where it can, the entry."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from . import anchor, triggers
from .models import Block, Entry
from .sealing import START, block_hash, digest, key

LATE_AFTER = timedelta(minutes=30)


class Finding(NamedTuple):
    """What is wrong: `kind` for machines, `message` for people."""

    kind: str
    message: str
    block: int | None = None
    entry: int | None = None


@dataclass
class VerifyReport:
    """Truthy when the log is whole."""

    blocks: int = 0
    entries: int = 0
    unsealed: int = 0
    first_block: int = 1
    findings: list[Finding] = field(default_factory=list)

    def __bool__(self) -> bool:
        return not self.findings


def verify(*, last: int | None = None, late_after: timedelta = LATE_AFTER, progress: Callable[[int], None] | None = None) -> VerifyReport:
    """Check the chain, every entry of it, the anchor, late entries and the triggers; with `last`, only that many newest blocks."""
    report = VerifyReport()
    anchored = {mark.number: mark.hash for mark in anchor.marks()}
    total = Block.objects.count()
    blocks = Block.objects.order_by("number")
    expected, previous = 1, START
    if last is not None and total > last:
        before = blocks[total - last - 1]
        expected, previous = before.number + 1, before.hash
        blocks = blocks.filter(number__gt=before.number)
    report.first_block = expected
    for block in blocks.iterator(chunk_size=50):
        report.findings += _chain(block, expected, previous, anchored)
        report.findings += _content(block)
        report.blocks += 1
        report.entries += block.entry_count
        expected, previous = block.number + 1, block.hash
        if progress:
            progress(report.blocks)
    report.findings += _tail(expected, anchored, total)
    report.findings += _loose(report, late_after)
    report.findings += [
        Finding("trigger", f"数据库防改触发器 {name} 不见了，请重新执行 tongxing migrate。") for name in triggers.missing(connection)
    ]
    return report


def _chain(block: Block, expected: int, previous: str, anchored: dict[int, str]) -> Iterator[Finding]:
    if block.number != expected:
        names = f"区块 {expected}" if block.number == expected + 1 else f"区块 {expected} 至 {block.number - 1}"
        yield Finding("block_missing", f"{names} 不见了。", expected)
    elif block.previous_hash != previous:
        yield Finding("chain", f"区块 {block.number} 与上一区块接不上：其中一个被改动、替换或调换过。", block.number)
    mark = anchored.get(block.number)
    if mark is not None and mark != block.hash:
        yield Finding("anchor", f"区块 {block.number} 与锚定文件中的记载不同：区块被重做过，或锚定文件被改动。", block.number)
    elif mark is None and anchored and block.number < max(anchored):
        yield Finding("anchor", f"锚定文件缺少区块 {block.number} 的记载。", block.number)


def _content(block: Block) -> Iterator[Finding]:
    seal_key = key()
    entries = list(block.entries.order_by("id"))
    digests = [digest(entry, seal_key) for entry in entries]
    if block.entry_count == len(entries) and block.hash == block_hash(block, digests, seal_key):
        return
    found = dict(zip((entry.pk for entry in entries), digests, strict=True))
    listed: dict[int, str] = dict(block.digests)
    named = False
    for number in sorted(listed.keys() | found.keys()):
        if number not in found:
            named = True
            yield Finding("missing", f"区块 {block.number} 中的第 {number} 条日志不见了。", block.number, number)
        elif number not in listed:
            named = True
            yield Finding("inserted", f"第 {number} 条日志是封存之后塞进区块 {block.number} 的。", block.number, number)
        elif not found[number].startswith(listed[number]):
            named = True
            yield Finding("altered", f"区块 {block.number} 中的第 {number} 条日志被改动过。", block.number, number)
    if not named:
        yield Finding("block_altered", f"区块 {block.number} 本身（条数、时间、次序或校验值）被改动过，或封存密钥不对。", block.number)


def _tail(expected: int, anchored: dict[int, str], total: int) -> Iterator[Finding]:
    if 0 in anchored:
        yield Finding("anchor", "锚定文件中有看不懂的行，文件被改动过。")
    if anchored and max(anchored) >= expected:
        yield Finding("tail_cut", f"锚定文件记到区块 {max(anchored)}，日志只到区块 {expected - 1}：末尾被截掉了。", expected)
    if total and not anchored:
        yield Finding("anchor", f"锚定文件 {anchor.path()} 不见了，请从备份中恢复。")


def _loose(report: VerifyReport, late_after: timedelta) -> Iterator[Finding]:
    report.unsealed = Entry.objects.filter(block=None).count()
    late = Entry.objects.filter(block=None, at__lt=timezone.now() - late_after).count()
    if late:
        minutes = int(late_after.total_seconds() // 60)
        yield Finding("late", f"有 {late} 条日志超过 {minutes} 分钟没有封存，请检查后台任务（tongxing worker）是否在运行。")
    orphans = Entry.objects.filter(block__isnull=False).exclude(block_id__in=Block.objects.values("number"))
    for entry_id, number in orphans.values_list("id", "block_id")[:100]:
        yield Finding("block_missing", f"第 {entry_id} 条日志所在的区块 {number} 不见了。", number, entry_id)
