"""Clause 5.2: card numbers are found however they are written, and little else is."""

import random

import pytest

from service.terms.payment_details import holds_card_number

CARDS = [
    "4242424242424242", "4111111111111111", "5555555555554444", "2223003122003222", "378282246310005", "3566002020360505",
    "6011111111111117", "6200000000000005", "30569309025904",
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
        "\n".join(groups),
        card.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}),
        card.translate({ord(str(digit)): chr(0x0660 + digit) for digit in range(10)}),
        card.translate({ord(str(digit)): chr(0x1D7CE + digit) for digit in range(10)}),
        f"bayar pakai {card} ya",
        f"kartu:{card}!",
    ]


@pytest.mark.parametrize("card", CARDS)
def test_cards_are_found_in_every_spelling(card: str) -> None:
    for text in written(card):
        assert holds_card_number(text), text


@pytest.mark.parametrize(
    "text",
    [
        "Terima kasih!", "0812-3456-7890", "+62 812 3456 7890", "Rp25.000", "Rp4.242.424.242", "Tahun 1945 sampai 2026",
        "4242424242424241", "12345678901234567890123", "42424242424242424242424242",
        "https://kompas.com/kemensos/read/2020/03/01/19293041", "nomor antrean 000123",
    ],
)  # fmt: skip
def test_ordinary_texts_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


def test_phone_numbers_and_rupiah_amounts_are_not_caught() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        phone = f"08{chance.randrange(10**8, 10**11)}"
        amount = f"Rp{chance.randrange(1000, 10**10):,}".replace(",", ".")
        assert not holds_card_number(phone), phone
        assert not holds_card_number(amount), amount
