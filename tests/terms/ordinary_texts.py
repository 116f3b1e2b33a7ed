"""Ordinary messages, made from a seed: what Indonesian and English readers write with digits in it."""

import random
from collections.abc import Callable, Iterator

from tests.terms import long_ids
from tests.terms.long_ids import digits

_Chance = random.Random
_THANKS = (
    "Terima kasih, Kompas!", "Tetap independen ya.", "Keep up the good work.", "Salut untuk liputannya",
    "Semoga sukses selalu", "Thank you for this story", "Maju terus jurnalisme Indonesia", "Artikelnya bagus sekali",
)  # fmt: skip
_MOBILE = (
    811,
    812,
    813,
    821,
    822,
    852,
    853,
    815,
    816,
    856,
    857,
    817,
    818,
    819,
    859,
    877,
    878,
    895,
    896,
    897,
    898,
    881,
    888,
)
_AREAS = ("21", "21", "21", "22", "24", "31", "61", "251", "274", "341", "361", "411", "711", "751", "778")
_CITIES = (
    "Bandung",
    "Jakarta Selatan",
    "Surabaya",
    "Yogyakarta",
    "Medan",
    "Denpasar",
    "Makassar",
    "Semarang",
)


def _mobile(chance: _Chance) -> str:
    """One Indonesian mobile number in a usual spelling."""
    prefix = chance.choice(_MOBILE)
    rest = digits(chance, chance.choice((6, 7, 7, 8, 8, 8, 8, 9)))
    middle = chance.choice((3, 4)) if len(rest) < 9 else 4
    sep = chance.choice(("", "-", " ", ".", "-", ""))
    local = sep.join(part for part in (str(prefix), rest[:middle], rest[middle:]) if part)
    return chance.choice(("0", "0", "0", "+62", "+62 ", "62", "+62-", "(+62) ", "+62 (0)")) + local


def _landline(chance: _Chance) -> str:
    area = chance.choice(_AREAS)
    rest = chance.choice("23456789") + digits(chance, 6 if len(area) == 3 else 7 - chance.randrange(2))
    number = rest if chance.random() < 0.6 else f"{rest[:3]}{chance.choice(' -')}{rest[3:]}"
    return chance.choice(
        (f"(0{area}) {number}", f"0{area}-{number}", f"0{area} {number}", f"+62 {area} {number}")
    )


def _phone(chance: _Chance) -> str:
    return _mobile(chance) if chance.random() < 0.8 else _landline(chance)


def _phones(chance: _Chance) -> str:
    count, sep = (
        chance.choice((2, 2, 2, 3)),
        chance.choice((" / ", ", ", " atau ", " dan ", "; ", "/", " ", "\n", " - ", " & ")),
    )
    if chance.random() < 0.1:
        return "\n".join(f"{place}. {_phone(chance)}" for place in range(1, count + 1))
    return sep.join(_phone(chance) for _ in range(count))


def _time(chance: _Chance, sep: str = "") -> str:
    return f"{chance.randrange(24):02}{sep or chance.choice('.:')}{chance.randrange(0, 60, chance.choice((1, 5, 15))):02}"


def _times(chance: _Chance) -> str:
    sep, count = chance.choice(".:"), chance.choice((1, 2, 2, 3, 4, 5))
    if chance.random() < 0.4:
        return chance.choice((", ", "; ", "\n")).join(
            f"{_time(chance, sep)}{dash}{_time(chance, sep)}"
            for dash in [chance.choice(("-", " - ", "–"))] * chance.choice((1, 1, 2, 3))
        )
    return chance.choice((", ", " / ", "; ", " dan ", " ")).join(_time(chance, sep) for _ in range(count))


def _date(chance: _Chance) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1945, 2027)
    return chance.choice(
        (f"{day:02}/{month:02}/{year}", f"{day}-{month}-{year}", f"{day:02}.{month:02}.{year}", f"{year}-{month:02}-{day:02}",
         f"{day} November {year}", f"{day:02}/{month:02}/{year % 100:02}", f"{day}/{month}", f"Nov {day}, {year}")
    )  # fmt: skip


def _dates(chance: _Chance) -> str:
    one = _date(chance)
    return chance.choice(
        (one, one, f"{one} {_time(chance)}", f"{one}, {_time(chance)} WIB", f"{one} - {_date(chance)}", f"{one} s/d {_date(chance)}",
         f"{one}, {_date(chance)}, {_date(chance)}", f"{chance.randint(2000, 2027)}-11-{chance.randint(10, 28)}T{_time(chance, ':')}:{chance.randint(10, 59)}")
    )  # fmt: skip


def _amount(chance: _Chance) -> str:
    rupiah = chance.choice((1000, 5000, 10_000, 50_000, 10**6, 10**9, 10**11)) * chance.randint(1, 99)
    if chance.random() < 0.3:
        rupiah = chance.randrange(1000, 10**10)
    dotted = f"{rupiah:,}".replace(",", ".")
    return chance.choice(
        (f"Rp{dotted}", f"Rp {dotted}", f"Rp.{dotted},-", f"Rp{dotted},00", f"IDR {rupiah:,}", f"Rp{rupiah}", dotted, f"{dotted} rupiah",
         f"{chance.randint(1, 900)} juta", f"{chance.randint(1, 900)},{chance.randint(1, 9)} triliun", f"USD {chance.randrange(10**7):,}.00")
    )  # fmt: skip


def _amounts(chance: _Chance) -> str:
    count = chance.choice((1, 1, 1, 2, 3, 4))
    return chance.choice((", ", " dan ", " / ", "; ", " - ", "\n", " + ")).join(
        _amount(chance) for _ in range(count)
    )


def _years(chance: _Chance) -> str:
    years = [str(chance.randint(1900, 2030)) for _ in range(chance.choice((1, 1, 2, 3, 5, 6)))]
    return chance.choice((", ", "-", " dan ", " sampai ", "/", " ")).join(years)


def _postal(chance: _Chance) -> str:
    code, city = chance.randrange(10110, 99976), chance.choice(_CITIES)
    return chance.choice(
        (f"{city} {code}", f"kode pos {code}", f"Jl. Merdeka No. {chance.randint(1, 200)} RT {chance.randint(1, 20):02}/RW {chance.randint(1, 20):02}, {city} {code}",
         f"Jl. Melati {chance.randint(1, 99)}, {code}, telp {_phone(chance)}", f"{code}, {chance.randrange(10110, 99976)}")
    )  # fmt: skip


def _order(chance: _Chance) -> str:
    return chance.choice(
        (f"INV/202{chance.randint(0, 6)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}/MPL/{digits(chance, 10)}", f"#{digits(chance, 8)}",
         f"order no. {digits(chance, chance.randint(5, 12))}", f"JP{digits(chance, 10)}", f"resi {digits(chance, 12)}", f"tiket {digits(chance, 4)}-{digits(chance, 4)}",
         f"2411{digits(chance, 2)}ABC{digits(chance, 4)}", f"no. pesanan {digits(chance, 9)}", f"AS-{digits(chance, 4)}-{digits(chance, 4)}",
         f"No. {chance.randint(1, 400)}/PUU-{chance.choice(('XX', 'XIV'))}/202{chance.randint(0, 6)}", f"BPJS 000{digits(chance, 10)}", f"resi 10{digits(chance, 12)}")
    )  # fmt: skip


def _scores(chance: _Chance) -> str:
    count = chance.choice((1, 1, 2, 3, 4, 6))
    high = chance.choice((5, 5, 21))
    sep = chance.choice(("-", "-", "–", ":", " - "))
    found = [f"{chance.randint(0, high)}{sep}{chance.randint(0, high)}" for _ in range(count)]
    return chance.choice((", ", " dan ", "; ", " ", " / ", "\n")).join(found)


def _account(chance: _Chance) -> str:
    return chance.choice(
        (f"BCA {chance.choice('0123456788')}{digits(chance, 9)}", f"Mandiri 1{chance.randint(0, 8)}{digits(chance, 1)}-00-{digits(chance, 7)}-{digits(chance, 1)}",
         f"BRI {chance.randint(1, 2200):04}-01-{digits(chance, 6)}-5{chance.randint(0, 9)}-{digits(chance, 1)}", f"BNI 0{digits(chance, 9)}", f"BSI 7{digits(chance, 9)}")
    )  # fmt: skip


def _measure(chance: _Chance) -> str:
    one = lambda: chance.randint(1, 99)  # noqa: E731  # several of one kind
    return chance.choice(
        (f"{one()}%", f"{one()},{one()} persen", f"B {chance.randint(1000, 9999)} XYZ", f"-6.{digits(chance, 6)}, 106.{digits(chance, 6)}", f"ISBN 978-602-{digits(chance, 4)}-{digits(chance, 2)}-{digits(chance, 1)}",
         f"https://www.kompas.com/nasional/read/2026/11/{chance.randint(10, 28)}/{digits(chance, 9)}/judul", f"pasal {one()} ayat {one() % 9}, UU {one()}/20{one() % 27:02}", f"nilai {one()}, {one()}, {one()}, {one()}",
         f"versi {one()}.{one()}.{one()}", f"QS {one()}:{one()}", f"192.168.{one()}.{one()}", f"{one()} x {one()} cm", f"suhu {one()}-{one()} derajat", f"1. {one()}\n2. {one()}\n3. {one()}")
    )  # fmt: skip


def _together(chance: _Chance) -> str:
    """Several numbers of different kinds, one after the other."""
    kinds = chance.sample((_phone, _date, _time, _amount, _landline), chance.choice((2, 2, 3)))
    return chance.choice((", ", " / ", " - ", "\n", "; ", " ")).join(kind(chance) for kind in kinds)


# Of 10,000 messages so many; the ids of 16 to 19 digits are the last kind.
KINDS: dict[str, tuple[int, Callable[[_Chance], str]]] = {
    "no number": (1000, lambda _: ""),
    "one telephone number": (1600, _phone),
    "several telephone numbers": (1000, _phones),
    "dates": (1100, _dates),
    "amounts": (1200, _amounts),
    "years": (700, _years),
    "postal codes, addresses": (600, _postal),
    "order numbers": (600, _order),
    "scores": (500, _scores),
    "times": (500, _times),
    "bank accounts": (200, _account),
    "measures, laws, links": (300, _measure),
    "several of these": (500, _together),
    "ids of 16 to 19 digits": (200, long_ids.any_kind),
}


def texts(seed: int) -> Iterator[tuple[str, str]]:
    """10,000 messages with their kind."""
    chance = random.Random(seed)
    for kind, (count, write) in KINDS.items():
        for _ in range(count):
            yield (
                kind,
                f"{chance.choice(_THANKS)} {write(chance)} {chance.choice(('', '', 'ya', chance.choice(_THANKS)))}".strip(),
            )
