"""Passwords: what is refused, and what people rightly choose."""

import pytest
from passlib.context import CryptContext

from service.errors import ValidationFailed
from service.staff.passwords import require_good
from tests.conftest import REAL_COST

EASY = (
    "password1234", "P@ssw0rd!2026", "passwordpassword", "qwertyuiop123", "asdfghjkl2025", "123456789012",
    "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijkl", "katasandi2026!", "Rahasia-123456", "bismillah12345",
    "sayangkamu123", "indonesia1945", "jakarta jakarta", "kompas2026kompas", "ApresiasiSpesial1", "redaksi-kompas-2026",
    "administrator", "welcome12345678", "ILoveYou!2024", "LiverPool-2023", "x" * 1024, "ababababababab", "１２３４５６７８９０１２",
    "budi.santoso2026", "budi-budi-budi-budi",
)  # fmt: skip
GOOD = (
    "correct horse battery", "kata-sandi-é-panjang", "uang-harus-cocok-2026", "8392 1748 5506",
    "gajah mengetik pelan", "pjQ7-vNw2-kLz9", "Tq9-abcdefg-Lm4k", "密码是很长的一句话吧对不对呢", "kopi tubruk tanpa gula",
)  # fmt: skip


@pytest.mark.parametrize("password", EASY)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        require_good(password, "budi.santoso@contoh.id")
    assert refused.value.errors["password"][0] == "common"


@pytest.mark.parametrize("password", GOOD)
def test_what_people_put_together_is_taken(password: str) -> None:
    require_good(password, "budi.santoso@contoh.id")


@pytest.mark.parametrize(
    ("password", "code"),
    [("elevenchars", "too_short"), ("kopi pahit " * 94, "too_long"), ("kopi\x00tubruk tanpa", "not_storable"), ("", "too_short")],
)  # fmt: skip
def test_too_short_too_long_or_not_text(password: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        require_good(password, "a@contoh.id")
    assert refused.value.errors["password"][0] == code


def test_a_long_password_is_looked_at_quickly() -> None:
    require_good("kopi tubruk " * 85, "a." * 100 + "a@contoh.id")


def test_a_hash_costs_what_rfc_9106_asks_for() -> None:
    context = CryptContext(schemes=["argon2"], **REAL_COST)
    assert context.hash("kata sandi yang panjang").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
