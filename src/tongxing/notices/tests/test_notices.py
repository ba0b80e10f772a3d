from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.notices import inbox, outbox
from tongxing.notices.models import Letter, LetterState, Notice


class DeadServer(EmailBackend):
    """A mail server that refuses the connection."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("无法连接")


@pytest.fixture
def dead_server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.DeadServer"


def test_tell_reaches_each_user_once_in_constant_queries(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = inbox.tell([cast.officer, cast.leader, cast.officer], title="缺口到期", url="/targets/", due_on=timezone.localdate())
    assert [(row.user, row.kind) for row in rows] == [(cast.officer, "todo"), (cast.leader, "todo")]


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_tell_takes_addresses_of_this_site_only(cast, url):
    with pytest.raises(ValueError, match="inside this site"):
        inbox.tell([cast.officer], title="x", url=url)


def test_counts_and_finish(cast):
    yesterday = timezone.localdate() - timedelta(days=1)
    (todo,) = inbox.tell([cast.officer], title="办理", due_on=yesterday)
    inbox.tell([cast.officer], title="知道一下")
    assert inbox.counts(cast.officer) == (2, 1, 1)
    inbox.finish(todo, by=cast.officer)
    assert inbox.counts(cast.officer) == (1, 0, 0)
    with pytest.raises(Refused):
        inbox.finish(todo, by=cast.leader)


def test_inbox_shows_only_ones_own(client, cast):
    inbox.tell([cast.officer], title="只给王经办")
    client.force_login(cast.other)
    assert "只给王经办" not in client.get(reverse("notices:inbox"), {"tab": "all"}).content.decode()
    client.force_login(cast.officer)
    assert "只给王经办" in client.get(reverse("notices:inbox")).content.decode()
    notice = Notice.objects.get()
    client.force_login(cast.other)
    assert client.post(reverse("notices:follow", args=[notice.pk])).status_code == 404


def test_inbox_query_count_is_constant(client, cast, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.officer)
    client.get(reverse("notices:inbox"))
    counted = []
    for titles in (["一"], ["二", "三"]):
        for title in titles:
            inbox.tell([cast.officer], title=title)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("notices:inbox"))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_follow_marks_read_and_leads_on(client, cast):
    (notice,) = inbox.tell([cast.officer], title="去看", url="/notices/?tab=all")
    client.force_login(cast.officer)
    answer = client.post(reverse("notices:follow", args=[notice.pk]))
    assert answer["Location"] == "/notices/?tab=all"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_send_due_sends_once(db, settings):
    letter = outbox.queue("a@example.com", "催办", "请办理", by=COMMAND_LINE)
    assert outbox.send_due() == (1, 0)
    assert outbox.send_due() == (0, 0)
    assert [(message.to, message.subject) for message in mail.outbox] == [(["a@example.com"], "催办")]
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (LetterState.SENT, 1)


def test_send_due_waits_without_a_mail_server(db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    letter = outbox.queue("a@example.com", "催办", "请办理", by=COMMAND_LINE)
    assert outbox.send_due() == (0, 0)
    letter.refresh_from_db()
    assert letter.state == LetterState.WAITING


def test_send_due_keeps_the_reason_and_gives_up_in_the_end(db, dead_server):
    letter = outbox.queue("a@example.com", "催办", "请办理", by=COMMAND_LINE)
    now = timezone.now()
    assert outbox.send_due(now + timedelta(seconds=1)) == (0, 1)
    letter.refresh_from_db()
    assert (letter.state, letter.error) == (LetterState.WAITING, "ConnectionRefusedError：无法连接")
    assert outbox.send_due(now + timedelta(seconds=2)) == (0, 0)
    for hours in (1, 5, 10, 20):
        outbox.send_due(now + timedelta(hours=hours))
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (LetterState.FAILED, 5)


def test_a_letter_held_by_a_dead_worker_is_sent(db):
    now = timezone.now()
    letter = outbox.queue("a@example.com", "催办", "请办理", by=COMMAND_LINE)
    Letter.objects.update(state=LetterState.SENDING, claimed_at=now - timedelta(minutes=11))
    assert outbox.send_due(now + timedelta(seconds=1)) == (1, 0)
    letter.refresh_from_db()
    assert letter.state == LetterState.SENT


@pytest.mark.parametrize(("to", "subject"), [("no address", "x"), ("a@example.com\nBcc: b@example.com", "x")])
def test_queue_refuses_bad_addresses(db, to, subject):
    with pytest.raises(Refused):
        outbox.queue(to, subject, "", by=COMMAND_LINE)


@pytest.mark.parametrize(("backend", "words"), [("locmem", "一分钟内重发"), ("dummy", "配好邮件服务器后发出")])
def test_resend_is_audited_and_only_for_letters_that_rest(client, cast, jiyuan, settings, backend, words):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    letter = outbox.queue("a@example.com", "催办", "请办理", by=COMMAND_LINE, area_code=jiyuan.kejing.code)
    client.force_login(cast.admin)
    address = reverse("notices:resend", args=[letter.pk])
    assert client.post(address).status_code == 409
    Letter.objects.update(state=LetterState.FAILED, error="x", attempts=5)
    page = client.post(address, follow=True).content.decode()
    assert words in page
    letter.refresh_from_db()
    assert (letter.state, letter.error, letter.attempts) == (LetterState.WAITING, "", 0)
    assert Entry.objects.filter(act="notices.resend", actor_id=cast.admin.pk).count() == 1


def test_outbox_is_the_administrators(client, cast):
    outbox.queue("a@example.com", "全项目的信", "请办理", by=COMMAND_LINE)
    client.force_login(cast.admin)
    assert "全项目的信" in client.get(reverse("notices:outbox")).content.decode()
    client.force_login(cast.officer)
    assert client.get(reverse("notices:outbox")).status_code == 403


class Choosy(EmailBackend):
    """A mail server that takes no address outside ASCII, as the library below it does not."""

    def send_messages(self, messages):
        for message in messages:
            message.to[0].encode("ascii")
        return super().send_messages(messages)


@pytest.mark.django_db
def test_a_letter_that_no_mail_can_carry_holds_up_no_other(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    Letter.objects.create(to="王@example.com", subject="一", body="")
    Letter.objects.create(to="b@example.com", subject="二", body="")
    assert outbox.send_due() == (1, 1)
    assert [message.subject for message in mail.outbox] == ["二"]


def test_inbox_is_filtered_searched_and_handled_in_bulk(client, cast):
    todo, heard = inbox.tell([cast.officer], title="办理缺口", due_on=timezone.localdate()) + inbox.tell([cast.officer], title="知道一下")
    (others,) = inbox.tell([cast.leader], title="办理别的", due_on=timezone.localdate())
    client.force_login(cast.officer)
    url = reverse("notices:inbox")

    def titles(query=""):
        return sorted(line.name for line in client.get(f"{url}?{query}").context["listing"].lines)

    assert titles() == titles("tab=all") == sorted(["办理缺口", "知道一下"])
    assert titles("tab=todo") == titles("q=缺口") == titles("kind=todo") == ["办理缺口"]
    done = client.post(reverse("notices:read-many") + "?q=知道", {"all": "1"})
    assert done.headers["Location"] == f"{url}?q=%E7%9F%A5%E9%81%93"
    assert titles() == ["办理缺口"]
    assert titles("tab=all") == sorted(["办理缺口", "知道一下"])
    client.post(reverse("notices:finish-many") + "?tab=all", {"ids": [todo.pk, heard.pk, others.pk]})
    assert list(Notice.objects.exclude(done_at=None)) == [todo]
    assert titles("tab=todo") == titles() == []


def test_outbox_resends_the_chosen_letters_that_do_not_wait(client, cast):
    first, second, waiting = (outbox.queue("a@example.com", f"第{n}封", "正文", by=cast.admin) for n in range(3))
    Letter.objects.filter(pk__in=[first.pk, second.pk]).update(state=LetterState.FAILED, attempts=5, error="连不上")
    client.force_login(cast.admin)
    listing = client.get(reverse("notices:outbox"), {"state": "failed", "columns": "subject,by"}).context["listing"]
    assert [line.name for line in listing.lines] == ["第1封", "第0封"]
    assert [head.column.label for head in listing.heads] == ["主题", "发起人"]
    client.post(reverse("notices:resend-many"), {"all": "1"})
    assert set(Letter.objects.values_list("state", "attempts", "error")) == {(LetterState.WAITING, 0, "")}
    entry = Entry.objects.get(act="notices.resend_many")
    assert entry.before == {str(first.pk): "发送失败", str(second.pk): "发送失败"}
    client.post(reverse("notices:resend-many"), {"ids": [waiting.pk]})
    assert Entry.objects.filter(act="notices.resend_many").count() == 1
