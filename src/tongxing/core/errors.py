"""The two ways in which the house says no: `Refused` (the rules say no) and Django's ValidationError (the input is wrong)."""


class Refused(Exception):
    """The rules say no. `message` is Chinese and says what to do now; `code` is stable for machines; `clause` names the ground."""

    def __init__(self, message: str, *, code: str = "refused", clause: str = "", status: int = 409) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.clause = clause
        self.status = status


def said(text: str, message: str, code: str = "reason_missing", longest: int = 300) -> str:
    """A text that must not be missing, a reason above all: trimmed and cut; refused with `message` when there is none."""
    if not text.strip():
        raise Refused(message, code=code)
    return text.strip()[:longest]
