"""Long numbers that are no cards, made as those who issue them do: identity numbers, virtual accounts, others."""

import random

_Chance = random.Random
_COMPANIES = (
    "70001",
    "39358",
    "80777",
    "3901",
    "88810",
    "88608",
    "8808",
    "9888",
    "12208",
    "10737",
    "70012",
    "8965",
    "1266",
    "5012",
    "7897",
    "8277",
)
# Provinces of an identity number with their regencies and share of the people in per mille.
_PROVINCES = (
    (11, 18, 19), (12, 25, 55), (13, 12, 20), (14, 10, 24), (15, 9, 13), (16, 13, 31), (17, 9, 7), (18, 13, 33), (19, 6, 5), (21, 5, 8),
    (31, 1, 39), (32, 18, 179), (33, 29, 136), (34, 4, 13), (35, 29, 151), (36, 4, 44), (51, 8, 16), (52, 8, 20), (53, 21, 20),
    (61, 12, 20), (62, 13, 10), (63, 11, 15), (64, 11, 14), (65, 4, 3), (71, 11, 10), (72, 12, 11), (73, 22, 34), (74, 15, 10),
    (75, 5, 4), (76, 6, 5), (81, 9, 7), (82, 8, 5), (91, 9, 5), (92, 4, 2), (93, 4, 2), (94, 8, 5), (95, 8, 5), (96, 6, 2), (97, 8, 5),
)  # fmt: skip
_CITY_CODES = {
    31: 5,
    32: 9,
    33: 6,
    34: 1,
    35: 9,
    36: 4,
    51: 1,
    52: 2,
    53: 1,
    12: 8,
    13: 7,
    14: 2,
    73: 3,
    64: 3,
    61: 2,
    63: 2,
}


def digits(chance: _Chance, count: int) -> str:
    return "".join(str(chance.randrange(10)) for _ in range(count))


def _identity(chance: _Chance) -> str:
    """An identity or family card number: place, day of birth or issue, serial."""
    province, regencies, _ = chance.choices(_PROVINCES, [share for *_, share in _PROVINCES])[0]
    cities = _CITY_CODES.get(province, 1)
    is_city = province == 31 or chance.random() < cities / (regencies + cities)
    regency = 70 + chance.randint(1, cities) if is_city else chance.randint(1, regencies)
    day = chance.randint(1, 31) + (40 if chance.random() < 0.5 else 0)
    return f"{province}{regency:02}{chance.randint(1, 20):02}{day:02}{chance.randint(1, 12):02}{chance.randrange(100):02}{chance.randint(1, 30):04}"


def _virtual_account(chance: _Chance) -> str:
    """A bank's company code and then a mobile number or a customer's."""
    code = chance.choice(_COMPANIES)
    return code + (f"08{digits(chance, 10)}" if chance.random() < 0.6 else digits(chance, 16 - len(code)))


def _civil_servant(chance: _Chance) -> str:
    return f"{chance.randint(1962, 2000)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{chance.randint(1990, 2025)}{chance.randint(1, 12):02}{chance.randint(1, 2)}{chance.randint(1, 30):03}"


def any_kind(chance: _Chance) -> str:
    kind = chance.random()
    if kind < 0.45:
        number = _identity(chance)
        return number if chance.random() < 0.8 else " ".join(number[at : at + 4] for at in range(0, 16, 4))
    if kind < 0.6:
        return _virtual_account(chance)
    if kind < 0.75:
        return _civil_servant(chance)
    return digits(chance, chance.randint(16, 19))  # parcels, invoices, anything
