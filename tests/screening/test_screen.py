"""Flags: what is found, in which disguise, and what is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.moderation.answers import FLAG_NAMES
from service.screening.screen import KINDS, URGENCY, priority, screen
from tests.screening.corpus import FLAGGED, HARMLESS

HOST = "www.kompas.com"


def kinds(text: str, name: str | None = None) -> set[str]:
    return {flag.kind for flag in screen(text, name, HOST)}


@pytest.mark.clause("3.3", "4.1")
def test_nearly_all_of_the_corpus_is_flagged_for_what_it_is() -> None:
    """Written by somebody who did not know the lists, which were mended by it since: at least
    95 % found, 2 % false at most."""
    missed = [text for text, kind in FLAGGED if kind not in kinds(text)]
    wrong = [text for text in HARMLESS if kinds(text)]
    assert len(missed) <= 0.05 * len(FLAGGED), missed
    assert len(wrong) <= 0.02 * len(HARMLESS), wrong


@pytest.mark.parametrize(
    "text",
    [
        "anjing pelacak itu hebat", "gila, keren", "orang asing", "yatim", "santunan anak yatim", "Anjing saya lucu",
        "babi hutan masuk kampung", "investasi asing naik", "Terima kasih Kompas.com", "Liputan Kompas.com bagus",
        "kontrol asuransi klasik analisis", "wkwkwkwkwkwk", "hahahahaha", "KPK dan DPR", "Rp25.000", "UU 27/2022",
    ],
)  # fmt: skip
def test_words_that_are_harmless_in_context_are_left_alone(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "dasar b4ngs4t", "b a n g s a t", "b.a.n.g.s.a.t", "b-a-n-g-s-a-t", "bangsaaaaat", "b*ngsat", "bang\u200bsat",
        "ｂａｎｇｓａｔ", "bаngsаt", "BANGSAT", "bangsatnya", "ba ngsat", "4nj1ng", "a n j i n g",
    ],
)  # fmt: skip
def test_disguises_are_seen_through(text: str) -> None:
    assert "abusive" in kinds(text)


def test_a_name_is_screened_as_well() -> None:
    assert "abusive" in kinds("Terima kasih", "Bangsat")
    assert "link" in kinds("Terima kasih", "slot.example.com")
    assert kinds("Terima kasih", "Sri Wahyuni") == set()


@given(st.text(max_size=280), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_screened_and_no_evidence_holds_a_digit(text: str, name: str) -> None:
    for flag in screen(text, name, HOST):
        assert flag.kind in KINDS
        assert not any(char.isdigit() for char in flag.evidence or "")


@given(st.text(alphabet="0123456789 .-+()/abcoO@", max_size=120))
@settings(max_examples=300, deadline=None)
def test_numbers_in_any_shape_are_screened(text: str) -> None:
    assert all(not any(char.isdigit() for char in flag.evidence or "") for flag in screen(text))


def test_the_most_urgent_flag_says_where_a_message_stands() -> None:
    assert priority([]) == 0
    assert priority(["all_caps", "threatening"]) == URGENCY["threatening"]
    assert max(URGENCY, key=lambda kind: URGENCY[kind]) == "reported"
    assert set(FLAG_NAMES) == set(URGENCY)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 4000,
        "a n " * 700,
        "1-" * 2000,
        "*a" * 1000,
        "@" * 3000,
        "wk" * 1500,
        "ha" * 140 + "2",
        "wk" * 130 + "gila",
        "hahaha" * 40 + " " + "xixi" * 30 + "q",
        "0 " * 140,
        "a." * 140,
        "jangan " * 40,
        "lo " * 90,
        "bunuh " * 45,
        "www." * 70,
        "si itu " * 40,
        "ya" * 140 + "x",
        "a@b." * 70,
        "nol satu " * 30,
    ],
)
def test_long_texts_take_no_time(text: str) -> None:
    from time import perf_counter  # noqa: PLC0415

    began = perf_counter()
    screen(text)
    assert perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0812345678901 0812987654321", "phone"), ("HUT RI ke 80 081200001234", "phone"),
        ("3171014508900001 081200001234", "identity_number"), ("rek BCA 1234567890 dan 0987654321", "account_number"),
    ],
)  # fmt: skip
def test_numbers_side_by_side_are_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text", ["Hati-hati di jalan, tim liputan", "membuka matamu dan mataku", "bajigur hangat"]
)
def test_kind_words_are_no_threats(text: str) -> None:
    assert kinds(text) == set()
