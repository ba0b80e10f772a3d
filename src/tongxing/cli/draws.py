"""`tongxing draw-check`: do a published draw again, from its record alone."""

import json
from pathlib import Path

import click

from .output import as_json


@click.command("draw-check", short_help="复算一次随机抽取")
@click.argument("record", metavar="记录文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def draw_check(record: Path, json_wanted: bool) -> int:
    """用公开页面下载的抽取记录重算一遍：种子、名单、结果是否与公布的一致。不需要数据库。不一致时退出码为 1，还没有公布时为 2。"""
    from tongxing.core.errors import Refused
    from tongxing.supervision.lottery import faults

    try:
        held = json.loads(record.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise Refused("这个文件不是抽取记录。请从公开页面重新下载。", code="bad_record") from None
    if not isinstance(held, dict) or "secret" not in held:
        raise Refused("这次抽取的种子和结果还没有公布，检查结束后再下载记录复算。", code="not_published")
    found = faults(held)
    if json_wanted:
        as_json({"plan": held.get("plan"), "draw": held.get("draw"), "faults": found})
    else:
        click.echo(f"{held.get('plan')} 第 {held.get('draw')} 次抽取：抽中 {len(held.get('result', []))} 个。")
        for fault in found:
            click.echo(f"  {fault}", err=True)
        click.echo("复算一致。" if not found else "复算不一致。")
    return 1 if found else 0
