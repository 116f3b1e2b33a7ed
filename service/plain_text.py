"""What readers type: cleaned the same way everywhere, and counted as people count."""

import unicodedata

import regex

_GRAPHEME = regex.compile(r"\X")

# A grapheme may be a family of emoji with joiners and skin tones; more code
# points than this per grapheme is decoration meant to break a page.
_CODE_POINTS_PER_GRAPHEME = 16


def is_storable(text: str) -> bool:
    """False for what no database or UTF-8 page can hold: NUL, lone surrogates, other
    control characters (tab and line breaks are fine)."""
    return not any(
        unicodedata.category(char) == "Cs" or (unicodedata.category(char) == "Cc" and char not in "\n\r\t")
        for char in text
    )


def clean_line(text: str) -> str:
    """One line: composed (NFC), white space collapsed, ends trimmed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_paragraphs(text: str) -> str:
    """A message: composed (NFC), line breaks unified, at most one empty line in a row."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def count_graphemes(text: str) -> int:
    """Extended grapheme clusters (UAX 29): what a reader sees as one character."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def fits(text: str, maximum: int) -> bool:
    """True when a text has at most ``maximum`` graphemes and no absurdly tall ones."""
    if len(text) <= maximum:
        return True
    if len(text) > maximum * _CODE_POINTS_PER_GRAPHEME:
        return False
    return count_graphemes(text) <= maximum
