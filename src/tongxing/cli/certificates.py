"""`tongxing certificate verify`: the text of a code, or an electronic credential, with the published keys, without a network."""

import json
from pathlib import Path
from typing import Any

import click

from tongxing.core.errors import Refused

from .chinese import ChineseGroup
from .output import as_json
from .start import start_django, start_with_data

MOST_BYTES = 1024 * 1024


@click.group(cls=ChineseGroup, short_help="证书的二维码和电子凭证")
def certificate() -> None:
    """证书的二维码和电子凭证。"""


@certificate.command(short_help="核验二维码内容或电子凭证文件")
@click.argument("given", metavar="内容或文件")
@click.option("--keys", "key_file", default="", metavar="文件", help="下载的公钥清单（JWKS）；给了就不读数据库，完全离线")
@click.option("--name", default="", metavar="姓名", help="电子凭证：核对是不是这个人的")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def verify(given: str, key_file: str, name: str, json_wanted: bool) -> int:
    """内容是扫码得到的网址或文本；文件是存有它的文本，或电子凭证（JSON）。签名不符、姓名不符或证书已失效时退出码为 1。"""
    if key_file:
        start_django()
    else:
        start_with_data()
    text, keys = _text(given), _keys(key_file)
    try:
        facts = _credential(text, keys, name) if text.startswith("{") else _code(text, keys)
    except Refused as refused:
        facts = {"proven": False, "code": refused.code, "message": refused.message}
    if facts["proven"] and not key_file:
        facts["status"] = _status(facts["number"])
    good = facts["proven"] and facts.get("name_agrees", True) and facts.get("status", "valid") == "valid"
    if json_wanted:
        as_json({"status": "applied", "valid": good, **facts})
    else:
        _say(facts, offline=bool(key_file))
    return 0 if good else 1


def _text(given: str) -> str:
    if len(given) < 255 and Path(given).is_file():
        path = Path(given)
        if path.stat().st_size > MOST_BYTES:
            raise Refused("文件太大，不是二维码内容或电子凭证。", code="too_large")
        try:
            return path.read_text(encoding="utf-8-sig").strip()
        except UnicodeDecodeError:
            raise Refused("文件不是文本。请给出扫码得到的文本，或电子凭证的 JSON 文件。", code="not_text") from None
    return given.strip()


def _keys(key_file: str) -> dict[str, bytes]:
    from tongxing.credentials import keys

    if not key_file:
        return keys.trusted()
    try:
        return keys.read_key_set(json.loads(Path(key_file).read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError):
        raise Refused(f"{key_file} 不是公钥清单。请从公钥页面重新下载 jwks.json。", code="no_keys") from None


def _code(text: str, keys: dict[str, bytes]) -> dict[str, Any]:
    from tongxing.credentials import payload

    claims = payload.read(text, keys)
    facts = {"number": claims.number, "holder": claims.name, "level": claims.level_name, "issued_on": claims.issued_on}
    return {"proven": True, "kind": "code", **facts, "body": claims.body_name, "made_on": claims.made_on, "kid": claims.kid}


def _credential(text: str, keys: dict[str, bytes], name: str) -> dict[str, Any]:
    from tongxing.credentials import badges, proofs, shape

    try:
        document = json.loads(text)
        wrong = shape.problems(document)
    except (ValueError, RecursionError):
        raise Refused("文件残缺，不是 JSON。", code="damaged") from None
    if wrong:
        raise Refused(f"不合可验证凭证（VC 2.0）的格式：{'、'.join(wrong)}。", code="no_credential")
    kid = proofs.check(document, keys)
    subject = document["credentialSubject"] if isinstance(document["credentialSubject"], dict) else {}
    facts: dict[str, Any] = {"proven": True, "kind": "credential", "number": str(subject.get("licenseNumber", "")), "kid": kid}
    facts |= {"level": document.get("name", ""), "issued_on": document.get("validFrom", "")}
    return facts | ({"name_agrees": badges.is_about(document, name)} if name else {})


def _status(number: str) -> str:
    from tongxing.certificates.models import Certificate

    return Certificate.objects.filter(number=number).values_list("status", flat=True).first() or "unknown"


WORDS = {
    "number": "证书编号",
    "holder": "持证人",
    "level": "等级",
    "issued_on": "发证日期",
    "body": "评价机构",
    "made_on": "出具日期",
    "kid": "密钥",
}
STATES = {"valid": "有效", "replaced": "已换发", "void": "作废", "unknown": "登记册里没有"}


def _say(facts: dict[str, Any], *, offline: bool) -> None:
    if not facts["proven"]:
        click.echo(facts["message"], err=True)
        return
    click.echo("签名有效，内容没有被改动。")
    for key, word in WORDS.items():
        if facts.get(key):
            click.echo(f"  {word}：{facts[key]}")
    if "name_agrees" in facts:
        click.echo("姓名相符。" if facts["name_agrees"] else "姓名不符：不是这个人的凭证。")
    click.echo("现在是否有效要联网查验。" if offline else f"登记册里的状态：{STATES[facts['status']]}。")
