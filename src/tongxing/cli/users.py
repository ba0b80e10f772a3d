"""`tongxing createuser | createtoken | tokens`: the first account of an installation, and keys for other programs."""

from typing import Any

import click

from tongxing.core.errors import Refused

from .chinese import ChineseCommand, Day, Whole
from .figures import known_area
from .output import as_json, secret
from .start import start_with_data


@click.command(cls=ChineseCommand, short_help="开设账号并授予岗位")
@click.argument("username", metavar="账号")
@click.option("--name", required=True, metavar="姓名", help="使用人姓名")
@click.option("--role", default="", metavar="岗位", help="officer 经办、township 镇街专员、leader 领导、auditor 审计、admin 系统管理……")
@click.option("--area", type=Whole(), default=None, metavar="区划代码", help="岗位管到哪里，默认为本地（TONGXING_AREA）")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def createuser(username: str, name: str, role: str, area: int | None, json_wanted: bool) -> int:
    """口令取自环境变量 TONGXING_PASSWORD，没有时在终端询问。"""
    start_with_data()
    from tongxing.accounts.roles import ROLES

    if role and role not in ROLES:
        known = "、".join(f"{key} {entry.name}" for key, entry in ROLES.items())
        raise Refused(f"没有岗位 {role}。可用的有：{known}。", code="unknown_role")
    _open_account(username, name, role, known_area(area) if role else None)
    if json_wanted:
        as_json({"status": "applied", "username": username, "role": role})
    else:
        click.echo(f"账号 {username} 已开设。")
    return 0


def _open_account(username: str, name: str, role: str, area: Any) -> None:
    from django.db import transaction

    from tongxing.accounts.grants import grant_role
    from tongxing.accounts.users import create_user
    from tongxing.audit.log import COMMAND_LINE

    password = secret("TONGXING_PASSWORD", "口令", confirm=True)
    with transaction.atomic():
        opened = create_user(username, name=name, password=password, by=COMMAND_LINE)
        if role:
            grant_role(opened.user, role, area=area, by=COMMAND_LINE)


@click.command(cls=ChineseCommand, short_help="为接口程序开一个令牌")
@click.argument("username", metavar="账号")
@click.option("--name", required=True, metavar="名称", help="给哪个程序用")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="范围", help="read 读取、sheets 上传名册；可写多次")
@click.option("--until", type=Day(), default=None, metavar="日期", help="到期日（含），默认一年")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def createtoken(username: str, name: str, scopes: tuple[str, ...], until: Any, json_wanted: bool) -> int:
    """令牌只显示这一次。它的权限不超过账号本人。"""
    start_with_data()
    from tongxing.accounts.models import User
    from tongxing.api.tokens import issue
    from tongxing.audit.log import COMMAND_LINE

    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Refused(f"没有可用的账号 {username}。", code="unknown_user")
    token, secret = issue(user, name=name, scopes=scopes, until=until, by=COMMAND_LINE)
    if json_wanted:
        as_json({"status": "applied", "token": secret, "until": token.until})
    else:
        click.echo(f"令牌（只显示这一次）：{secret}\n有效至 {token.until}。")
    return 0


@click.command(cls=ChineseCommand, short_help="列出接口令牌，或收回一个")
@click.option("--revoke", "number", type=Whole(), default=None, metavar="编号", help="收回这个编号的令牌，立即失效")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def tokens(number: int | None, json_wanted: bool) -> int:
    """令牌本身不保存，列出的是编号、账号、用途、范围、到期日和最近使用。"""
    start_with_data()
    from tongxing.api.models import Token
    from tongxing.api.tokens import revoke
    from tongxing.audit.log import COMMAND_LINE

    if number is not None:
        found = Token.objects.filter(pk=number).first()
        if found is None:
            raise Refused(f"没有编号为 {number} 的令牌。不带参数执行 tongxing tokens 可以列出全部。", code="unknown_token")
        revoke(found, by=COMMAND_LINE)
    rows = [_row(token) for token in Token.objects.select_related("user").order_by("pk")]
    if json_wanted:
        as_json({"status": "applied", "tokens": rows})
        return 0
    for row in rows:
        state = "可用" if row["usable"] else "失效"
        scopes = "、".join(row["scopes"])
        click.echo(
            f"{row['number']:>4}  {state}  {row['username']}  {row['name']}  {scopes}  至 {row['until']}  最近使用 {row['last_used_on'] or '无'}"
        )
    click.echo(f"共 {len(rows)} 个令牌。")
    return 0


def _row(token: Any) -> dict[str, Any]:
    from tongxing.api.models import Token

    return {
        "number": token.pk,
        "username": token.user.username,
        "name": token.name,
        "scopes": token.scopes,
        "until": token.until,
        "last_used_on": token.last_used_on,
        "usable": Token.objects.usable().filter(pk=token.pk).exists(),
    }
