"""Addresses and numbers in a message: links, e-mail, phones, accounts, identity numbers.

Each returns the evidence that may be shown, or None; digits are never part of it.
"""

import re
from datetime import date

from service.screening.folding import plain_letters

_TOP_LEVELS = "com|net|org|id|info|biz|xyz|io|me|co|site|online|shop|store|click|link|live|club|top|vip|win|bet|app|dev|tv|cc|ly|gg|asia|web\\.id|co\\.id|to|us|my|sg|ai"
_DOT = r"(?:\.|\s?\(?\[?\{?\s?(?:dot|titik)\s?\)?\]?\}?\s?|\s\.\s?|\s?\(\.\)\s?|\s?\[\.\]\s?|,)"
_SCHEME = re.compile(r"\b(?:https?|hxxps?|h\*\*ps?)\s?:?\s?/\s?/|\bwww\s?\.\s?\w", re.I)
_HOST = re.compile(
    rf"(?<![@\w])([a-z0-9][a-z0-9-]{{0,40}}(?:\.[a-z0-9-]{{1,40}}){{0,3}}?)({_DOT})({_TOP_LEVELS})\b(?!\.\w)(\s?/\s?\S+)?",
    re.I,
)
_MAIL = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]|\s(?:at|et)\s(?=[\w-]+\s?(?:\(dot\)|\[dot\]|\s?dot\s|\s?titik\s|\.)))\s?"
    r"[a-z0-9-]{1,40}(?:\s?(?:\.|\(dot\)|\[dot\]|\sdot\s|\stitik\s)\s?[a-z]{2,12})+",
    re.I,
)
_NUMBER = re.compile(r"\+?\d(?:[\s.\-()/_·]{0,2}\d){6,24}")
_MONEY = re.compile(
    r"(?:rp|idr|usd|\$)\.?\s?[\d.,]+|[\d.,]+\s?(?:rupiah|ribu|rb|juta|jt|miliar|triliun|persen|%)", re.I
)
_BANK = re.compile(
    r"\b(?:rek|rekening|norek|no\.?\s?rek\w*|b\.?c\.?a|b\.?r\.?i|b\.?n\.?i|bni|btn|bsi|mandiri|cimb|niaga|permata|danamon|jago|seabank|dana|ovo|gopay|go-pay"
    r"|shopeepay|linkaja|e-?wallet|transfer|tf|a/?n|atas nama|va|virtual account|brimo|livin|jenius|bank)\b",
    re.I,
)
_TELL_PHONE = re.compile(
    r"\b(?:wa|whats?app?|hp|telp?|telepon|hubungi|call|sms|nomor|kontak|phone|no)\b", re.I
)


def link(text: str, own_host: str) -> str | None:
    """A web address in any disguise, but for the plain name of the publisher's own site."""
    plain = plain_letters(text)
    own = own_host.removeprefix("www.").removeprefix("m.")
    spelled = _MAIL.sub(" ", plain)
    for found in _HOST.finditer(spelled):
        name, dot, end, path = found.groups()
        host = f"{name}.{end}".casefold()
        named = "." in dot and dot.strip() == "."
        if not path and named and own and (own == host or own.endswith(f".{host}")):
            continue
        if not path and name.endswith("nya"):  # a sentence that begins without a space
            continue
        if not path and not _is_host(name, dot, end):
            continue
        return host
    return "www" if _SCHEME.search(spelled) else None


def _is_host(name: str, dot: str, end: str) -> bool:
    """Whether a word, a stop and an ending are an address and not the end of a sentence."""
    if dot == ",":
        return False
    if dot == ".":
        return (
            len(name) >= 2
            and end not in ("us", "my", "to", "me", "top", "live", "win", "link", "online", "co", "app")
        ) or "." in name
    hidden = re.search(r"dot|titik|[\[(]", dot)
    return bool(hidden) and (
        end not in ("to", "me", "top", "live", "win", "link", "online", "id", "us", "my")
        or bool(re.search(r"[\[(]", dot))
    )


def email(text: str) -> str | None:
    """An e-mail address; its host is shown."""
    found = _MAIL.search(plain_letters(text))
    return re.split(r"@|\(at\)|\[at\]|\s(?:at|et)\s", found[0])[-1].strip() if found else None


def phone(text: str) -> bool:
    """A telephone number as it is written here: 08…, +62…, 62…, with or without spaces."""
    plain = _spelled_digits(_MONEY.sub(" ", plain_letters(text)))
    for digits in _numbers(plain):
        if re.fullmatch(r"(?:\+?62|0)8\d{7,11}", digits) or re.fullmatch(r"\+\d{9,14}", digits):
            return True
        if re.fullmatch(r"(?:\+?62|0)(?:21|22|24|31|61|274|251|341|361|711|411)\d{6,8}", digits):
            return True
        if _TELL_PHONE.search(plain) and re.fullmatch(r"8\d{8,11}", digits):
            return True
    return False


def account_number(text: str) -> bool:
    """A bank account or wallet: a long number and the name of a bank beside it."""
    plain = plain_letters(text)
    if not _BANK.search(plain):
        return False
    return any(8 <= len(digits.lstrip("+")) <= 18 for digits in _numbers(_MONEY.sub(" ", plain)))


def identity_number(text: str) -> bool:
    """A NIK (Permendagri 72/2022): province, regency, district, day of birth (40 more for
    women), month, year, serial."""
    return any(_is_nik(digits) for digits in _numbers(plain_letters(text)))


def _is_nik(digits: str) -> bool:
    if not re.fullmatch(r"(?:1[1-9]|2[01]|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])\d{14}", digits):
        return False
    day, month, year = int(digits[6:8]) % 40, int(digits[8:10]), int(digits[10:12])
    if int(digits[6:8]) > 71 or digits[12:] == "0000":
        return False
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def _numbers(plain: str) -> list[str]:
    """Every number that digits side by side may be: two of them can stand next to each other."""
    numbers: dict[str, None] = {}
    for run in _NUMBER.findall(plain):
        pieces = [re.sub(r"[^\d+]", "", piece) for piece in run.split()]
        for first in range(len(pieces)):
            for last in range(first, len(pieces)):
                numbers["".join(pieces[first : last + 1])] = None
    return [number for number in numbers if len(number) >= 7]


_DIGIT_WORDS = {
    "nol": "0", "kosong": "0", "satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "enam": "6", "tujuh": "7", "delapan": "8", "sembilan": "9",
}  # fmt: skip


def _spelled_digits(plain: str) -> str:
    """Numbers that are read out digit by digit, or have letters for zeros."""
    digit = rf"(?:{'|'.join(_DIGIT_WORDS)}|\d+)"
    spelled = re.compile(rf"\b(?:{'|'.join(_DIGIT_WORDS)})(?:[\s-]+{digit}){{3,}}\b")
    zeros = re.sub(r"\b(?:o+(?=\d)|o{2,})|(?<=\d)o+", lambda run: "0" * len(run[0]), plain)
    return spelled.sub(
        lambda run: "".join(_DIGIT_WORDS.get(part, part) for part in re.findall(r"[a-z]+|\d+", run[0])), zeros
    )
