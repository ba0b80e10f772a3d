"""Bank accounts as people write them: digits only, plausible, and recognised when two claims share one."""

import re
from typing import NamedTuple

from django.core.exceptions import ValidationError

from tongxing.core.identifiers import luhn, squeeze
from tongxing.core.values import clean_text
from tongxing.core.vault import blind_index

PURPOSE = "subsidies|account"


class BankAccount(NamedTuple):
    """Where money goes: account number in clear, only on the way to its sealed column."""

    number: str
    name: str
    bank: str

    @property
    def digest(self) -> str:
        return blind_index(self.number, PURPOSE)


def clean_account(raw: str) -> str:
    """8 to 30 digits; personal cards (16 to 19 digits that begin with 62) must pass the check digit (ISO/IEC 7812)."""
    number = squeeze(raw).replace("-", "")
    if not re.fullmatch(r"[0-9]{8,30}", number):
        raise ValidationError("银行账号应为 8 至 30 位数字，请对照银行卡或开户许可证填写。", code="account_form")
    if number.startswith("62") and 16 <= len(number) <= 19 and not luhn(number):
        raise ValidationError("银行卡号校验不通过，可能抄错了数字，请对照银行卡核对。", code="account_check")
    return number


def judged(number: str, name: str, bank: str) -> BankAccount:
    """An account in normal form; raises ValidationError by field."""
    account_name, bank_name = clean_text(name, longest=128), clean_text(bank, longest=80)
    if not account_name:
        raise ValidationError({"account_name": "请填写户名。"})
    if not bank_name:
        raise ValidationError({"bank": "请填写开户银行，写到支行。"})
    try:
        return BankAccount(clean_account(number), account_name, bank_name)
    except ValidationError as error:
        raise ValidationError({"account": error}) from None
