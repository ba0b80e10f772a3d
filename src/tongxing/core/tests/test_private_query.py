"""A personal number that is searched for stands in no address."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory

from tongxing.core.private_query import is_personal, query_text, sealed_query

NUMBER = "419001198505050012"


@pytest.mark.parametrize(
    "text", [NUMBER, "４１９００１１９８５０５０５００１２", "41900119850505001x", "138 0013 8000", "E12345678", "h12345678"]
)
def test_number_becomes_a_token_and_opens_again(text: str) -> None:
    token = sealed_query(text)
    assert token.startswith("~")
    assert text not in token
    assert query_text(RequestFactory().get("/", {"q": token})) == text.strip()


@pytest.mark.parametrize("text", ["", "济源", "zsf", "91419001MA44EX6T77", "S000041000012233000001", "1541190000300001", "419001100000"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert not is_personal(text)
    assert sealed_query(text) == text


def test_token_that_does_not_open_searches_for_nothing() -> None:
    assert query_text(RequestFactory().get("/", {"q": "~k1$abcd"})) == ""


@pytest.mark.django_db
def test_address_with_a_number_leads_to_one_without(client: Client) -> None:
    answer = client.get("/desk/search/", {"q": NUMBER, "page": "2"})
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert answer.status_code == 302
    assert NUMBER not in answer["Location"]
    assert asked["page"] == ["2"]
    assert query_text(RequestFactory().get("/", {"q": asked["q"][0]})) == NUMBER
