"""One key for an article, whatever its address is written like (clause 1.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.address import AddressBook, article_key
from service.errors import ArticleNotAllowed

HOSTS = ("kompas.com", "*.kompas.com")
BOOK = AddressBook(
    HOSTS,
    {"amp.kompas.com": "www.kompas.com"},
    [("kompas.com/kemensos/*", "Kemensos"), ("*.kompas.com/*", "Lain")],
)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://kompas.com/a/b", "https://kompas.com/a/b"),
        ("http://kompas.com/a/b", "https://kompas.com/a/b"),
        ("HTTPS://KOMPAS.COM/a/b/", "https://kompas.com/a/b"),
        ("https://kompas.com:443/a", "https://kompas.com/a"),
        ("https://kompas.com./a", "https://kompas.com/a"),
        ("https://kompas.com/a?utm_source=x&fbclid=y#z", "https://kompas.com/a"),
        ("https://kompas.com/a?page=2", "https://kompas.com/a"),
        ("https://kompas.com/a?b=2&a=1", "https://kompas.com/a?a=1&b=2"),
        ("https://amp.kompas.com/a/b", "https://www.kompas.com/a/b"),
        ("https://kompas.com/a/b/amp", "https://kompas.com/a/b"),
        ("https://kompas.com//a///b", "https://kompas.com/a/b"),
        ("https://kompas.com/%61", "https://kompas.com/a"),
        ("https://kompas.com/é", "https://kompas.com/%C3%A9"),
        ("https://kompas.com", "https://kompas.com/"),
        ("https://nasional.kompas.com/x", "https://nasional.kompas.com/x"),
    ],
)
def test_spellings_fold_into_one_key(url: str, key: str) -> None:
    assert BOOK.read(url).key == key


@pytest.mark.clause("1.1")
@pytest.mark.parametrize(
    "url",
    [
        "", "kompas.com/a", "//kompas.com/a", "ftp://kompas.com/a", "javascript:alert(1)", "data:text/html,x",
        "https://example.com/a", "https://kompas.com.evil.example/a", "https://evilkompas.com/a", "https://kompas.com@evil.example/",
        "https://user:pw@kompas.com/a", "https://kompas.com:8443/a", "https://kompas.com:x/a", "https://kompas.com\\@evil.example/a",
        "https://kompas.com/a\x00b", "https://kompas.com/%00", "https://kompas.com/a b", "https://kompas.com/a\nb", "https://kompas.com/%0d",
        "https://kompas.com/../a", "https://kompas.com/%2e%2e/a", "https://[::1]/a", "https://kompas.com/%ff", "https://kömpas.com/a",
        "https://*.kompas.com/a", "https://-.kompas.com/a", "https://kompas.com/" + "a" * 2000, "https://kompas.com/\ud800",
        "https://", "https:///a", "https://kompas。com/a", "https://[kompas.com/a",
    ],
)  # fmt: skip
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(ArticleNotAllowed):
        BOOK.read(url)


@pytest.mark.parametrize(
    ("url", "section"),
    [
        ("https://kompas.com/kemensos/read/1", "Kemensos"),
        ("https://www.kompas.com/a", "Lain"),
        ("https://kompas.com/a", None),
    ],
)
def test_a_section_comes_from_host_and_path(url: str, section: str | None) -> None:
    assert BOOK.read(url).section == section


@pytest.mark.clause("1.1")
@given(st.text(max_size=60))
def test_a_key_is_its_own_key_and_stays_on_the_publishers_hosts(rest: str) -> None:
    for url in (f"https://kompas.com/{rest}", f"https://{rest}.kompas.com/", rest):
        try:
            key = article_key(url, HOSTS, {})
        except ArticleNotAllowed:
            continue
        assert article_key(key, HOSTS, {}) == key
        host = key.removeprefix("https://").partition("/")[0]
        assert host == "kompas.com" or host.endswith(".kompas.com")
        assert key.isascii()
