"""Clause 5.2: card numbers are found however they are written, and little else is."""

import random

import pytest

from service.terms.brands import passes_luhn
from service.terms.payment_details import holds_card_number, without_card_numbers

pytestmark = pytest.mark.clause("5.2")
CARDS = [
    "4242424242424242", "4111111111111111", "5555555555554444", "2223003122003222", "378282246310005", "3566002020360505",
    "6011111111111117", "6200000000000005", "30569309025904", "4222222222222", "5018000000000009",
]  # fmt: skip


def written(card: str) -> list[str]:
    groups = [card[start : start + 4] for start in range(0, len(card), 4)]
    return [
        card,
        " ".join(groups),
        "-".join(groups),
        ".".join(groups),
        " ".join(card),
        "\u200b".join(card),
        "\u200d".join(groups),
        " - ".join(groups),
        "\u2013".join(groups),
        "\u00a0".join(groups),
        "\u30fc".join(groups),
        "\n".join(groups),
        " ".join(card[start : start + 2] for start in range(0, len(card), 2)),
        "          ".join(groups),
        "".join(f"{digit}\ufe0f\u20e3" for digit in card),
        card.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}),
        card.translate({ord(str(digit)): chr(0x0660 + digit) for digit in range(10)}),
        card.translate({ord(str(digit)): chr(0x1D7CE + digit) for digit in range(10)}),
        card.translate({ord(str(digit)): "⓪①②③④⑤⑥⑦⑧⑨"[digit] for digit in range(10)}),
        f"bayar pakai {card} ya",
        f"kartu:{card}!",
        f"0812 3456 7890 {card}",
        f"{' '.join(groups)} 0812 3456 7890",
        f"08/27 {' '.join(groups)} 123",
        f"0826 {' '.join(groups)}",
    ]


@pytest.mark.clause("5.2")
@pytest.mark.parametrize("card", CARDS)
def test_cards_are_found_in_every_spelling(card: str) -> None:
    for text in written(card):
        assert holds_card_number(text), text


@pytest.mark.parametrize("card", CARDS)
def test_what_goes_back_to_the_reader_holds_no_digit_of_a_card(card: str) -> None:
    for text in written(card):
        shown = without_card_numbers(text)
        assert not holds_card_number(shown), text
        assert len(shown) == len(text)


def test_what_was_typed_around_a_card_number_stays() -> None:
    typed = "Salam ❤ dari RT 05, kartu 4111-1111-1111-1111, terima kasih 2026"
    assert without_card_numbers(typed) == "Salam ❤ dari RT 05, kartu ••••-••••-••••-••••, terima kasih 2026"
    assert without_card_numbers("Telp 0812-3456-7890") == "Telp 0812-3456-7890"


@pytest.mark.clause("5.2")
@pytest.mark.parametrize(
    "text",
    [
        "Terima kasih!", "0812-3456-7890", "+62 812 3456 7890", "Rp25.000", "Rp4.242.424.242", "Tahun 1945 sampai 2026",
        "4242424242424241", "12345678901234567890123", "42424242424242424242424242", "Rp4.300.000.000.000", "IDR 5,700,000,000,000",
        "https://kompas.com/kemensos/read/2020/03/01/19293041", "nomor antrean 000123",
        "0812 3456 7890 0813 4567 8901", "0812-3456-7890 / 0813-4567-8901 / 021-5551234", "(021) 555 1234, (0274) 512 345",
        "1. 0856.690.97955\n2. 031 83166379\n3. 6288852740918", "10.00-11.30, 13.00-14.45, 19.30-21.00",
        "24/11/2026 - 25/11/2026", "23.09.1956, 10.01.1977, 24.11.2026", "3-1, 2-0, 4-2, 1-1, 0-0, 5-3, 2-2, 1-0",
        "10.000.000, 25.000.000, 50.000.000 rupiah", "1998, 2004, 2009, 2014, 2019, 2024",
    ],
)  # fmt: skip
def test_ordinary_texts_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


def test_lists_of_what_could_look_like_a_card_number_are_left_alone() -> None:
    chance = random.Random(7)
    mobiles = ("811", "812", "813", "821", "852", "857", "877", "896")
    for _ in range(2000):
        phones = [
            f"0{chance.choice(mobiles)} {chance.randrange(1000, 9999)} {chance.randrange(1000, 9999)}"
            for _ in "ab"
        ]
        for text in (" ".join(phones), ", ".join(phones), " / ".join(it.replace(" ", "-") for it in phones)):
            assert not holds_card_number(text), text
        times = ", ".join(f"{chance.randrange(24):02}.{chance.randrange(60):02}" for _ in range(5))
        assert not holds_card_number(times), times


def test_phone_numbers_and_rupiah_amounts_are_not_caught() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        phone = f"08{chance.randrange(10**8, 10**11)}"
        amount = f"Rp{chance.randrange(1000, 10**12):,}".replace(",", ".")
        assert not holds_card_number(phone), phone
        assert not holds_card_number(amount), amount


def test_an_expiry_before_a_card_number_is_no_area_code() -> None:
    ends = (f"4{middle:07}08125551{last:03}" for middle in range(3) for last in range(1000))
    card = next(number for number in ends if len(number) == 19 and passes_luhn(number))
    assert holds_card_number(f"0831 {card[:4]} {card[4:8]} {card[8:12]} {card[12:16]} {card[16:]}")
    assert not holds_card_number(f"0812 {card[:4]} {card[4:8]} {card[8:12]} {card[12:16]} {card[16:]}")


def test_an_identity_number_that_collides_is_refused_all_the_same() -> None:
    assert holds_card_number("NIK 3671010101900018")


def test_a_hostile_text_takes_no_long_time() -> None:
    for text in (
        "(" * 20_000,
        "1-1 " * 5_000,
        "4" + " " * 20_000 + "1",
        "0" * 20_000,
        "10.00, " * 2_800 + "x",
    ):
        assert not holds_card_number(text)
