"""What readers type: cleaned the same way everywhere, and counted as people count."""

import unicodedata

import regex

_GRAPHEME = regex.compile(r"\X")

# A grapheme may be a family of emoji with joiners and skin tones; more code
# points than this per grapheme is decoration meant to break a page.
_CODE_POINTS_PER_GRAPHEME = 16
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_DIRECTION_OVERRIDES = dict.fromkeys(range(0x202A, 0x202F))


def is_storable(text: str) -> bool:
    """False for what no database or UTF-8 page can hold: NUL, lone surrogates, other
    control characters (tab and line breaks are fine)."""
    return not any(
        unicodedata.category(char) == "Cs" or (unicodedata.category(char) == "Cc" and char not in "\n\r\t")
        for char in text
    )


def is_blank(text: str) -> bool:
    """True when nothing in a text can be seen: white space and characters without width."""
    return all(char.isspace() or unicodedata.category(char) == "Cf" for char in text)


def clean_line(text: str) -> str:
    """One line: composed (NFC), white space collapsed, ends trimmed; empty where blank."""
    return "" if is_blank(text) else " ".join(_composed(text).split())


def clean_paragraphs(text: str) -> str:
    """A message: composed (NFC), line breaks unified, at most one empty line in a row."""
    if is_blank(text):
        return ""
    text = _composed(text).replace("\r\n", "\n").replace("\r", "\n")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _composed(text: str) -> str:
    """NFC, without the marks that only turn the direction of what follows."""
    return unicodedata.normalize("NFC", text.translate(_DIRECTION_OVERRIDES))


def graphemes(text: str) -> list[str]:
    """Extended grapheme clusters (UAX 29): what a reader sees as one character each."""
    return [match[0] for match in _GRAPHEME.finditer(text)]


def fits(text: str, maximum: int) -> bool:
    """True when a text has at most ``maximum`` graphemes and no absurdly tall ones."""
    if len(text) > maximum * _CODE_POINTS_PER_GRAPHEME:
        return False
    clusters = graphemes(text)
    return len(clusters) <= maximum and all(len(cluster) <= _CODE_POINTS_PER_GRAPHEME for cluster in clusters)


def neutralise(text: str) -> str:
    """A text that no spreadsheet takes for a formula (CSV injection, ASVS 5.0 1.2.10)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
