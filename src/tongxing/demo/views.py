"""One button clears the demonstration."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tongxing.accounts.requests import user_of
from tongxing.audit.log import SystemActor
from tongxing.core.access import requires

from .build import clear as clear_demonstration
from .build import stands

WORD = "清除演示数据"


class ClearForm(forms.Form):
    word = forms.CharField(label=f"请输入“{WORD}”以确认", max_length=20)

    def clean_word(self) -> str:
        if self.cleaned_data["word"].strip() != WORD:
            raise forms.ValidationError(f"请原样输入“{WORD}”。")
        return WORD


@requires("demo.clear")
@require_http_methods(["GET", "POST"])
def clear(request: HttpRequest) -> HttpResponse:
    """Ask once more, then clear; the account that asked goes too, so the session ends."""
    if not settings.DEMO or not stands():
        raise Http404
    form = ClearForm(request.POST or None)
    if form.is_valid():
        # The account is deleted with the demonstration: the log keeps its name.
        actor = SystemActor(user_of(request).display_name)
        logout(request)
        gone = clear_demonstration(by=actor)
        messages.success(request, f"演示数据已清除（{gone:,} 行）。请用命令 tongxing createuser 建立第一个正式账号。")
        return redirect("portal:home")
    return render(request, "demo/clear.html", {"form": form})
