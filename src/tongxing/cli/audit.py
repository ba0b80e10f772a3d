"""`tongxing audit verify`: finds altered, missing or reordered entries."""

import click

from .chinese import ChineseGroup
from .output import as_json
from .start import start_with_data


@click.group(cls=ChineseGroup, short_help="审计日志")
def audit() -> None:
    """审计日志。"""


@audit.command(short_help="核验审计日志有没有被改动")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def verify(json_wanted: bool) -> int:
    """逐块核对哈希，找出被改、缺失或换了顺序的记录。发现问题时退出码为 1。"""
    start_with_data()
    from tongxing.audit.sealing import verify as verify_log

    report = verify_log()
    if json_wanted:
        as_json(report)
    else:
        click.echo(f"核对 {report['blocks']} 块、{report['entries']} 条；尚未封存 {report['unsealed']} 条。")
        for problem in report["problems"]:
            click.echo(f"  {problem}", err=True)
        click.echo("没有发现问题。" if not report["problems"] else f"发现 {len(report['problems'])} 个问题。")
    return 1 if report["problems"] else 0
