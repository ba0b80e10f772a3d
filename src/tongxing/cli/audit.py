"""`tongxing audit verify`: finds altered, missing or reordered entries."""

from dataclasses import asdict

import click

from .chinese import ChineseGroup
from .output import as_json, progress
from .start import start_with_data


@click.group(cls=ChineseGroup, short_help="审计日志")
def audit() -> None:
    """审计日志。"""


@audit.command(short_help="核验审计日志有没有被改动")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def verify(json_wanted: bool) -> int:
    """逐块核对哈希，找出被改、缺失或换了顺序的记录。发现问题时退出码为 1。"""
    start_with_data()
    from tongxing.audit.verification import verify as verify_log

    with progress("核对") as tell:
        report = verify_log(progress=tell)
    if json_wanted:
        as_json({**asdict(report), "findings": [finding._asdict() for finding in report.findings]})
    else:
        click.echo(f"核对 {report.blocks} 块、{report.entries} 条；尚未封存 {report.unsealed} 条。")
        for finding in report.findings:
            click.echo(f"  {finding.message}", err=True)
        click.echo("没有发现问题。" if report else f"发现 {len(report.findings)} 个问题。")
    return 0 if report else 1
