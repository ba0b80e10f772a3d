"""What a password must be, said in Chinese where Django's own translation lacks the sentence."""

from django.contrib.auth.password_validation import MinimumLengthValidator


class MinimumLength(MinimumLengthValidator):
    """Django's rule of length with a Chinese sentence (its catalogue for zh-hans has none since 5.2)."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"密码至少 {self.min_length} 个字符。"
