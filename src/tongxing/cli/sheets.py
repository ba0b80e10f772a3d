"""`tongxing check | load | undo`: rosters from the command line, with the same judgement and the same acts as in the workspace."""

from itertools import islice
from pathlib import Path
from typing import Any

import click

from .chinese import ChineseCommand
from .output import as_json, progress, table
from .start import start_with_data

SHOWN_PROBLEMS = 50
STATUS = {"checked": "检查完成，没有改动任何数据", "applied": "导入完成", "refused": "没有导入"}


@click.command(cls=ChineseCommand, short_help="检查一份名册，不改动数据")
@click.argument("sheet", metavar="导入表")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def check(sheet: str, file: Path, json_wanted: bool) -> int:
    """逐行判断文件里的每一行：新增、变更、相同、重复或有误。导入表：enterprises、organisations、coordinators、certificates、assignments。"""
    start_with_data()
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.sheets import command

    with progress("检查") as tell:
        result = command.check(sheet, file, by=COMMAND_LINE, progress=tell)
    return _tell(result, json_wanted)


@click.command(cls=ChineseCommand, short_help="导入一份名册")
@click.argument("sheet", metavar="导入表")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--atomic", is_flag=True, help="有一行不合格就全部不导入")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def load(sheet: str, file: Path, atomic: bool, json_wanted: bool) -> int:
    """检查并导入合格的行，列出不合格的行。中途断电或中止后再执行一次即可接着做完，不会重复。"""
    start_with_data()
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.sheets import command

    with progress("导入") as tell:
        result = command.load(sheet, file, by=COMMAND_LINE, atomic=atomic, progress=tell)
    return _tell(result, json_wanted)


@click.command(cls=ChineseCommand, short_help="撤销一个导入批次")
@click.argument("batch", metavar="批次")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def undo(batch: str, json_wanted: bool) -> int:
    """把一个批次整个撤回。后来的数据依赖它时拒绝，并说明是哪些。"""
    start_with_data()
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.sheets import command

    result = command.undo(batch, by=COMMAND_LINE)
    if json_wanted:
        as_json(result)
    elif result.get("refused"):
        click.echo(result["refused"]["message"], err=True)
    else:
        click.echo(f"批次 {batch} 已撤销。")
    return 2 if result.get("refused") else 0


def _tell(result: dict[str, Any], json_wanted: bool) -> int:
    if json_wanted:
        as_json(result)
    else:
        _describe(result)
    if result["status"] == "refused":
        return 2
    return 1 if result["invalid"] or result["duplicate"] else 0


def _describe(result: dict[str, Any]) -> None:
    if result["refused"]:
        click.echo(result["refused"]["message"], err=True)
    click.echo(
        f"{STATUS[result['status']]}（{result['seconds']} 秒）。" + (f"读取工作表“{result['worksheet']}”。" if result["worksheet"] else "")
    )
    if result["rows"] is not None:
        table(
            ("共", "新增", "变更", "相同", "重复", "有误", "提醒", "跳过"),
            [[result[key] for key in ("rows", "new", "changed", "same", "duplicate", "invalid", "warnings", "skipped")]],
        )
    if result["batch"]:
        click.echo(f"批次：{result['batch']}（撤销：tongxing undo {result['batch']}）")
    problems = result["problems"]
    for problem in islice(problems, SHOWN_PROBLEMS):
        mark = "错误" if problem["severity"] == "error" else "提醒"
        click.echo(f"  第 {problem['row']} 行 {problem['column'] or ''} [{mark}] {problem['message']}")
    if len(problems) > SHOWN_PROBLEMS:
        click.echo(f"  …… 另有 {len(problems) - SHOWN_PROBLEMS} 条，用 --json 查看全部。")
