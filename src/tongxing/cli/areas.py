"""`tongxing areas load`: the national division tables (CSV) and outlines (GeoJSON)."""

from pathlib import Path

import click

from .chinese import ChineseGroup
from .output import as_json, progress
from .start import start_with_data

SHOWN = 20
LABELS = {
    "new": "新增",
    "changed": "变更",
    "same": "相同",
    "gone": "系统中有、表中没有的",
    "placed": "已放置边界",
    "unmatched": "对不上区划的边界",
    "without_outline": "还没有边界的区划",
}


@click.group(cls=ChineseGroup, short_help="区划代码和边界")
def areas() -> None:
    """区划代码和边界。"""


@areas.command(short_help="载入全国区划 CSV 或 GeoJSON 边界")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def load(file: Path, json_wanted: bool) -> int:
    """载入区划代码表（CSV）或边界（GeoJSON）；报告对不上的边界和没有边界的区划。"""
    start_with_data()
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.gazetteer.sources import load_file

    with progress("载入区划") as tell:
        report = load_file(file, by=COMMAND_LINE, progress=tell)
    if json_wanted:
        as_json(report)
    else:
        for key, value in report.items():
            click.echo(f"{LABELS[key]}：{_listed(value) if isinstance(value, list) else value}")
    return 1 if any(isinstance(value, list) and value for value in report.values()) else 0


def _listed(names: list[str]) -> str:
    """As many as anybody reads; --json gives all."""
    if not names:
        return "无"
    return "、".join(names[:SHOWN]) + (f"等 {len(names)} 个（加 --json 列出全部）" if len(names) > SHOWN else f"（{len(names)} 个）")
