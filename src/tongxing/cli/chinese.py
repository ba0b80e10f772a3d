"""click in Chinese: its own English words (Usage, Options, errors) replaced, nothing else changed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import click


class ChineseCommand(click.Command):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options_metavar = "[选项]"

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示这份说明"
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, text.replace("[required]", "（必填）")) for name, text in self._help_records(ctx)]
        if rows:
            with formatter.section("选项"):
                formatter.write_dl(rows)

    def _help_records(self, ctx: click.Context) -> list[tuple[str, str]]:
        return [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx)) is not None]


class ChineseGroup(ChineseCommand, click.Group):
    command_class = ChineseCommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("subcommand_metavar", "命令 [参数]…")
        super().__init__(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a bureau's work, not of the alphabet."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        shown = [(name, self.commands[name]) for name in self.list_commands(ctx) if not self.commands[name].hidden]
        with formatter.section("命令"):
            formatter.write_dl([(name, command.get_short_help_str(limit=60)) for name, command in shown])


ChineseGroup.group_class = ChineseGroup


def explain(error: click.ClickException) -> str:
    """A click error as a Chinese sentence with what to do."""
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "tongxing"
    for kind, sentence in SENTENCES:
        if isinstance(error, kind):
            return sentence(error) + f"用 {path} --help 查看用法。"
    return f"{error.format_message()} 用 {path} --help 查看用法。"


def _missing(error: Any) -> str:
    name = error.param.make_metavar(error.ctx) if isinstance(error.param, click.Argument) else error.param.opts[0]
    return f"缺少参数 {name}。"


def _bad_value(error: Any) -> str:
    name = error.param.opts[-1] if error.param else ""
    return f"参数 {name} 的值不对：{error.message}"


def _plain_usage(error: Any) -> str:
    if "No such command" in error.message:
        return f"没有这个命令：{error.message.split(chr(39))[1] if chr(39) in error.message else ''}。"
    if "unexpected extra argument" in error.message:
        extra: str = error.message.partition("(")[2].partition(")")[0]
        return f"多了参数：{extra}。"
    return "命令不完整。" if "Missing command" in error.message else f"{error.message} "


SENTENCES: tuple[tuple[type[click.ClickException], Callable[[Any], str]], ...] = (
    (click.NoSuchOption, lambda error: f"没有这个选项：{error.option_name}。"),
    (click.BadOptionUsage, lambda error: f"选项 {error.option_name} 后面缺少值，或不该有值。"),
    (click.MissingParameter, _missing),
    (click.BadParameter, _bad_value),
    (click.FileError, lambda error: f"打不开文件 {error.ui_filename}。"),
    (click.UsageError, _plain_usage),
)


class Day(click.ParamType[date]):
    """A day as 2026-11-22."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 2026-11-22 这样。", param, ctx)


class Whole(click.ParamType[int]):
    """A whole number, of at least `least` and at most `most` where given."""

    name = "数字"

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            self.fail(f"“{value}”不是整数。", param, ctx)
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            self.fail(f"{number} 不在 {self.least} 到 {self.most if self.most is not None else '更大'} 之间。", param, ctx)
        return number
