"""The ground floor: money, text, sealing, references, settings."""

import base64
import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config import Settings
from service.environment import ConfigError
from service.identifiers import new_reference, read_reference
from service.money import Money
from service.plain_text import clean_line, clean_paragraphs, graphemes
from service.sealing import CannotUnseal, Sealer
from service.web.language import moment

KEY = base64.b64encode(b"k" * 32).decode()
PRODUCTION = {
    "APRESIASI_MODE": "production",
    "APRESIASI_SECRET_KEY": "s" * 40,
    "APRESIASI_ENCRYPTION_KEYS": KEY,
    "APRESIASI_PRIVACY_URL": "https://kompas.com/privacy",
    "APRESIASI_USER_TERMS_URL": "https://kompas.com/terms",
    "APRESIASI_DATABASE_URL": "postgresql://db/x",
}


@given(st.integers(-(10**14), 10**14))
def test_money_survives_its_own_text(minor: int) -> None:
    money = Money(minor, "IDR")
    assert Money.parse(money.export_text(), "IDR") == money
    assert Money.parse(money.json_text(), "IDR") == money


@pytest.mark.parametrize(
    ("minor", "currency", "json", "export", "indonesian", "english"),
    [
        (2_500_000, "IDR", "25000", "25000.00", "Rp25.000", "Rp25,000"),
        (7_001, "IDR", "70.01", "70.01", "Rp70,01", "Rp70.01"),
        (-7_001, "IDR", "-70.01", "-70.01", "-Rp70,01", "-Rp70.01"),
        (500, "JPY", "500", "500", None, None),
        (1_234, "KWD", "1.234", "1.234", None, None),
    ],
)
def test_money_is_written_as_each_reader_needs_it(
    minor: int, currency: str, json: str, export: str, indonesian: str | None, english: str | None
) -> None:
    money = Money(minor, currency)
    assert (money.json_text(), money.export_text()) == (json, export)
    if indonesian:
        assert (money.display("id"), money.display("en")) == (indonesian, english)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(1, "IDR") + Money(1, "USD")


@pytest.mark.parametrize("text", ["", "1,5", "1e3", "٣", "1.005", "--1", " 1", "1_000", "1" * 20])
def test_other_spellings_are_no_money(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Money.parse(text, "IDR")


def test_moments_read_as_people_write_them() -> None:
    at = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
    assert moment(at, "id") == "24 November 2026 pukul 14.05 WIB"
    assert moment(at, "en") == "24 November 2026, 14:05 WIB"


@pytest.mark.parametrize(
    ("text", "count"), [("a", 1), ("👨‍👩‍👧‍👦", 1), ("e\u0301", 1), ("ꦏꦺ", 1), ("🇮🇩🇮🇩", 2), ("مرحبا", 5)]
)
def test_graphemes_are_what_people_see(text: str, count: int) -> None:
    assert len(graphemes(text)) == count


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_paragraphs(clean_paragraphs(text)) == clean_paragraphs(text)


def test_references_can_be_dictated() -> None:
    for _ in range(50):
        reference = new_reference()
        assert read_reference(reference) == reference
        assert read_reference(reference.lower().replace("-", " ")) == reference
        assert read_reference(reference.removeprefix("AS-").replace("0", "o").replace("1", "l")) == reference


def test_what_is_sealed_opens_for_its_owner_with_old_keys_too() -> None:
    old, new = b"a" * 32, b"b" * 32
    sealed = Sealer([old], b"i").seal("sri@example.com", "owner")
    both = Sealer([new, old], b"i")
    assert both.unseal(sealed, "owner") == "sri@example.com"
    assert both.index("Sri@Example.com ") == Sealer([old], b"i").index("sri@example.com")
    assert both.seal("x", "owner") != both.seal("x", "owner")
    for sealer, text, owner in ((both, sealed, "another"), (Sealer([new], b"i"), sealed, "owner"), (both, sealed[:-4] + "AAAA", "owner"),
                                (both, "junk", "owner"), (both, f"{sealed.partition('.')[0]}.é", "owner")):  # fmt: skip
        with pytest.raises(CannotUnseal):
            sealer.unseal(text, owner)


def test_settings_have_defaults_for_a_first_try() -> None:
    settings = Settings.from_environment({})
    assert settings.processor == "sandbox"
    assert settings.sandbox_url == "http://127.0.0.1:8001"
    assert Settings.from_environment({"PORT": "9000"}).sandbox_url == "http://127.0.0.1:9001"
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.mode = "x"  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"), ("DATABASE_URL", "x"), ("PROCESSOR", "paypal"), ("MODE", "staging"), ("PUBLIC_URL", "kompas.com"),
        ("THREADS", "0"), ("THREADS", "many"), ("NODES", "-1"), ("RATELIMIT_ENABLED", "perhaps"), ("ENCRYPTION_KEYS", "short"),
        ("ENCRYPTION_KEYS", "é"), ("ARTICLE_HOSTS", "https://kompas.com"), ("SECTION_PATTERNS", "nonsense"), ("LOG_LEVEL", "LOUD"),
        ("PRIVACY_URL", "javascript:x"),
    ],
)  # fmt: skip
def test_a_malformed_setting_stops_the_start_with_one_clear_line(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as stopped:
        Settings.from_environment({f"APRESIASI_{name}": value})
    assert f"APRESIASI_{name}" in str(stopped.value)
    assert "\n" not in str(stopped.value)


@pytest.mark.parametrize("port", ["x", "0", "65535", "-1"])
def test_a_port_is_a_port(port: str) -> None:
    with pytest.raises(ConfigError, match="PORT"):
        Settings.from_environment({"PORT": port})


@pytest.mark.parametrize(
    "change",
    [
        {"APRESIASI_PROCESSOR": "sandbox"},
        {"APRESIASI_SECRET_KEY": ""},
        {"APRESIASI_SECRET_KEY": "short"},
        {"APRESIASI_ENCRYPTION_KEYS": ""},
        {"APRESIASI_PRIVACY_URL": ""},
        {"APRESIASI_USER_TERMS_URL": ""},
    ],
)
def test_production_refuses_what_is_not_safe(change: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=next(iter(change))):
        Settings.from_environment(PRODUCTION | change)
