"""Whose address counts, and that a count holds when many knock at once."""

import threading
from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import RequestFactory

from tongxing.config import environment
from tongxing.core import limits
from tongxing.core.errors import Refused
from tongxing.core.limits import allow, client_of
from tongxing.core.models import LimitedUse


def client(sender: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_of(RequestFactory().get("/", REMOTE_ADDR=sender, **headers))


def test_without_trusted_proxies_the_header_is_not_believed(settings):
    settings.TRUSTED_PROXIES = []
    assert client("203.0.113.9", "198.51.100.1") == "203.0.113.9"
    assert client("127.0.0.1", "198.51.100.1") == "127.0.0.1"


@pytest.mark.parametrize(
    ("sender", "forwarded", "expected"),
    [
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("10.9.9.9", "10.1.2.3", "10.1.2.3"),
        ("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
        # Somebody who is no proxy, and headers that make no sense: the sender counts.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, evil, 10.1.2.3", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1:5000", "127.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_nearest_hop_that_is_no_proxy_counts(settings, sender, forwarded, expected):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]
    assert client(sender, forwarded) == expected


def test_proxies_that_are_no_addresses_stop_the_start(monkeypatch):
    monkeypatch.setenv("TONGXING_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert environment.networks("TONGXING_TRUSTED_PROXIES") == [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]
    monkeypatch.setenv("TONGXING_TRUSTED_PROXIES", "*")
    with pytest.raises(ImproperlyConfigured, match="TONGXING_TRUSTED_PROXIES"):
        environment.networks("TONGXING_TRUSTED_PROXIES")


def test_addresses_of_one_network_count_together(db):
    allow("test.door", "2001:db8:0:1::1", most=1, seconds=600)
    with pytest.raises(Refused, match="分钟后再试"):
        allow("test.door", "2001:db8:0:1:ffff::2", most=1, seconds=600)
    allow("test.door", "2001:db8:0:2::1", most=1, seconds=600)
    allow("test.door", "203.0.113.1", most=1, seconds=600)
    allow("test.door", "203.0.113.2", most=1, seconds=600)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_to_the_digit():
    if connection.vendor == "sqlite":
        pytest.skip("in-memory SQLite knows no second connection; tests/test_two_processes.py does this with a file")
    passed: list[int] = []
    start = threading.Barrier(8)

    def knock() -> None:
        start.wait()
        try:
            for _ in range(5):
                allow("test.rush", "203.0.113.1", most=10, seconds=86_400)
                passed.append(1)
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 10


def test_counts_of_windows_that_are_over_are_dropped(db):
    allow("test.door", "203.0.113.1", most=1, seconds=600)
    LimitedUse.objects.create(key="old", uses=3, until=1)
    assert (limits.sweep(), LimitedUse.objects.count()) == (1, 1)
