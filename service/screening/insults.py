"""Abuse, hate, threats and promotion: words in the frames that make them so."""

import re
from itertools import pairwise

from service.screening import words
from service.screening.folding import Folded, meant, squeeze

KNOWN = (
    words.ABUSE
    | words.AIMED
    | words.SLURS
    | words.SLURS_AIMED
    | frozenset({"bunuh", "bacok", "gorok", "bakar", "slot", "gacor", "togel", "judi"})
)

_INTENSE = f"(?:{words.LOUDER})"
_NOT = f"(?:{words.NOT_MEANT})"


def abuse(folded: Folded) -> str | None:
    """The insult, or None. Words with an innocent life count only when aimed, shouted or hidden."""
    for clause in folded.clauses:
        for place, word in enumerate(clause):
            if word in words.ABUSE:
                return word
            thrown = word in folded.disguised or _is_aimed(word, clause, place)
            if word in words.AIMED and thrown and not _is_innocent(clause, place):
                return word
        if len(clause) <= 3 and _is_shouted(clause):
            return next(word for word in clause if word in words.SHOUTED)
    return None


def _is_innocent(clause: tuple[str, ...], place: int) -> bool:
    near = clause[max(0, place - 3) : place] + clause[place + 1 : place + 4]
    return any(word in words.INNOCENT_NEAR for word in near)


def _is_aimed(word: str, clause: tuple[str, ...], place: int) -> bool:
    """Whether a word is thrown at somebody: "dasar ...", "... lu", "kamu ...", "wartawan kayak ..."."""
    before_that, before, after = (("", "", *clause)[place], ("", *clause)[place], (*clause, "")[place + 1])
    if _THROWN.fullmatch(before) or _SOMEBODY.fullmatch(before):
        return True
    if _LIKE.fullmatch(before) and (
        _SOMEBODY.fullmatch(before_that) or before_that in ("semua", "pada", "ini", "itu")
    ):
        return True
    if _ADDRESSED.fullmatch(after):
        return True
    return word in words.SHOUTED and bool(_STRESS.fullmatch(after))


_THROWN = re.compile(r"dasar|otak|otaknya|muka|mukanya|mulut|mulutnya|si")
_SOMEBODY = re.compile(f"{words.YOU}|{words.AIMS_AT}")
_LIKE = re.compile(r"kayak|kaya|kek|seperti|macam|memang|emang|pada|semua|fucking|like")
_ADDRESSED = re.compile("|".join(word for word in words.YOU.split("|") if word not in ("dia", "mereka")))
_STRESS = re.compile(r"banget|bgt|emang|lah|bener|beneran|kabeh|tenan|amat")


def _is_shouted(clause: tuple[str, ...]) -> bool:
    rest = [word for word in clause if word not in words.SHOUTED]
    return len(rest) < len(clause) and all(re.fullmatch(_INTENSE, word) for word in rest)


_HATE = [
    re.compile(pattern)
    for pattern in (
        rf"\b(?:dasar|si|otak|antek|anti|gerombolan|kaum|turunan|keturunan)\s+(?:orang\s+)?({'|'.join(sorted(words.SLURS_AIMED))})\b(?=(?:\s+(?:{words.SCORN}|{words.YOU}|itu|semua|emang|memang))?)",
        rf"\b({words.GROUPS})\s+(?:(?:itu|ini|memang|emang|semua|semuanya|selalu|pada|adalah|cuma|hanya|kaum|sama|kayak|seperti|mirip|tukang|tetap|sama-sama|bikin|bermental|are|is|all)\s+){{0,3}}(?:{words.SCORN})\b",
        rf"\b(?:{words.SCORN})\s+({words.GROUPS})\b",
        rf"\b(?:{words.DRIVE_OUT})\s+(?:(?:saja|aja|semua|para|orang|kaum|etnis|umat|para|all|si|itu)\s+){{0,3}}({words.GROUPS})\b",
        rf"\b({words.GROUPS})\s+(?:\w+\s+){{0,2}}(?:tidak|gak|ga|nggak|tak|ngga|gk|enggak)\s+(?:pantas|layak|boleh|usah|punya otak|berhak)\b",
        rf"\b({words.GROUPS})\s+(?:\w+\s+){{0,3}}(?:minggat|enyah|mampus|musnah|pulang saja|pulang aja|keluar dari|angkat kaki|harus diusir|diusir saja|harus dibasmi|dibasmi|dimusnahkan|bukan manusia)\b",
        rf"\b({'|'.join(sorted(words.SLURS_AIMED))})\s+(?:{words.SCORN}|lu|lo|kau|kamu|koe|lo lo|loe)\b",
        rf"\b(?:lu|lo|loe|kau|kamu|kalian|mereka|you|wartawannya|redaksinya|penulisnya|redaksi|penulis|wartawan)\s+(?:(?:itu|emang|memang|pasti|kayak|kaya|kek|seperti|semua|antek|pada|orang|ini|a)\s+){{0,3}}({'|'.join(sorted(words.SLURS_AIMED - {'hitam', 'tuli', 'bisu', 'liberal', 'papua', 'gay'}))})\b",
        r"\b(?:orang|kaum|dasar)\s+(cacat|difabel|gila|autis)\s+(?:\w+\s+){0,2}(?:beban|sampah|buang|menyusahkan|tidak berguna|gak guna)\b",
        r"\b(kafir)\s+(?:semua|kabeh|lo|lu)\b",
        r"\b(perempuan|wanita|cewek)\s+(?:\w+\s+){0,2}(?:otaknya|kurang akal|setengah otak)\b",
        r"\b(?:antek|boneka|kacung)\s+(?:\w+\s+)?(asing|cina|china|yahudi|zionis|komunis|pki|amerika|aseng)\b",
        r"\b(?:kayak|kaya|kek|seperti)\s+(?:orang\s+)?(cacat|autis|banci|bencong|idiot)\b",
        rf"\b(?:(?:i\s+)?hate|down with|death to)\s+(?:all\s+)?({words.GROUPS}|muslims|christians|jews|blacks|gays|chinese)\b",
        r"\b(muslims|christians|jews|blacks|gays|chinese|women)\s+(?:are|should)\s+(?:all\s+)?(?:animals|trash|dogs|pigs|terrorists|die|vermin|parasites)\b",
        rf"\b(?:benci|jijik)\s+(?:(?:sama|dengan|banget|sekali|orang|kaum|semua|lihat|liat|pada)\s+){{0,3}}({words.GROUPS})\b",
        r"\b(perempuan|wanita|cewek)\s+(?:\w+\s+){0,3}(?:di dapur saja|dapur aja|balik ke dapur|ke dapur saja|kodratnya di dapur|kurang akal|gak usah sekolah|tidak usah sekolah)\b",
    )
]


def hate(folded: Folded) -> str | None:
    """The group or slur that is scorned, or None."""
    for clause in folded.clauses:
        for place, word in enumerate(clause):
            if word in words.SLURS and not _is_innocent(clause, place):
                return word
    line = folded.line
    for pattern in _HATE:
        for found in pattern.finditer(line):
            if not re.search(rf"\b{_NOT}\b[^.]{{0,30}}$", line[: found.start()]):
                return found[1]
    return None


_I = r"(?:ku|gue|gua|gw|aku|saya|kami|kita|tak|dak|i|we|ane|aing|inyong)"
_WILL = r"(?:akan|mau|bakal|bakalan|pasti|yang|sendiri|ingin|pengen|will|gonna|would|bisa|siap|arep)"
_HARM = r"(?:bunuh|bacok|habisi|gorok|tembak|bakar|hajar|gebuk|tebas|sembelih|pukul|tusuk|culik|mampusin|matiin|abisin|ledakkan|bom|serbu|kill|shoot|burn|hurt|beat|destroy|rape|perkosa|pateni|gibeng|seret|penggal|paehan|dipaehan|nusuk)"
_WHOM = rf"(?:{words.YOU}|kantor|kantormu|rumah|rumahmu|keluarga|keluargamu|anakmu|istrimu|wartawan\w*|redaksi\w*|jurnalis\w*|penulis\w*|editor\w*|your|his|her|leher\w*|kepala\w*|semua|satu|sekeluarga|reporter\w*|hakim\w*)"
_YOURS = r"(?:mu|lu|lo|kau|kamu|kalian|nya|elu)?"
_THREATS = [
    re.compile(pattern)
    for pattern in (
        rf"\b{_I}\s+(?:{_WILL}\s+){{0,2}}({_HARM})(?:in|i|kan)?\s+(?:\w+\s+){{0,1}}{_WHOM}\b",
        rf"\b(?:ku|tak|gue)\s*({_HARM})(?:in|i|kan)?\b(?=\s+{_WHOM})",
        r"\bku(bunuh|bacok|habisi|gorok|tembak|bakar|hajar|tebas|tusuk|culik|sembelih|datangi|cari|penggal)\b",
        rf"^(?:\S+\s+){{0,2}}(bunuh|bacok|gorok|habisi|gantung|tembak|bakar|hajar|penggal|culik|bom)\s+(?:saja\s+|aja\s+)?(?:{_WHOM})\b",
        r"\b(?:pantas|layak|harus|wajib|minta|pantes|mending|sebaiknya|perlu|mesti)\s+(?:di ?)(bunuh|bacok|gorok|gantung|tembak|bakar|penggal|habisi|bom|culik|gebuk|hajar)\b",
        rf"\b(mati|mampus|modar|modyar|koit)\s+(?:aja\s+|saja\s+|sana\s+|wae\s+|kau\s+)?(?:{words.YOU}|sana|besok|aja)\b(?!\s+(?:lampu|listrik|gaya|kutu))",
        r"\b(awas|hati-hati|hati hati|watch out|beware)\s+(?:aja\s+|saja\s+|ya\s+)?(?:lu|lo|loe|kau|kamu|kalian|koe|you|kalau ketemu|keluargamu|anakmu)\b",
        r"\b(tunggu)\s+(?:saja\s+|aja\s+|lah\s+|ya\s+|tanggal mainnya\s*)?(?:pembalasan\w*|balasan\w*|giliran\w*|azab kalian|kami di depan|gue di|aku di|saya di)",
        r"\b(?:tahu|tau|hafal|hapal|know)\s+(?:\w+\s+){0,2}(rumah|alamat|sekolah|kantor|where you live)(?:\s*(?:mu|lu|lo|kau|kamu|kalian|anak\w*)|nya|\b(?<=live))",
        r"\b(?:i know|we know)\s+(where)\s+(?:you|your)\b",
        r"\b(datangi|geruduk|satroni|samperin|serbu)\s+(?:\w+\s+){0,2}(?:rumah|kantor|redaksi|keluarga)\w*\b",
        r"\b(?:gue|gua|gw|aku|saya|kami|tak)\s+(?:\w+\s+){0,2}(samperin|datangi|geruduk|satroni|cari|kejar)\s+(?:ke\s+)?(?:\w+\s+)?(?:rumah|kantor|lu|lo|kau|kamu|kalian|redaksi)",
        r"\b(?:rumah|kantor|redaksi|mobil)\w*\s+(?:\w+\s+){0,3}(?:akan|bakal|mau|pasti|kami|ku|gue|gw|kita)\s*(?:kami\s+|kita\s+|di ?)?(bakar|ledakkan|bom|hancurkan|serbu|geruduk|rusak|obrak-abrik)",
        r"\b(?:akan|bakal|bakalan|pasti|siap-siap|siap siap)\s+(?:kami\s+|kita\s+|ku|gue\s+|saya\s+)?(?:di ?)?(bunuh|bacok|gorok|habisi|bakar|hajar|tembak|culik|mampus|mati)\s+(?:kau|lu|lo|kamu|kalian|wartawan\w*|penulis\w*|redaksi\w*|di tangan)",
        r"\b(?:you|u|kalian|kau|kamu|lu|lo|penulisnya|wartawannya)\s+(?:will|gonna|should|must|akan|bakal|harus|pasti|bakalan|deserve to)\s+(?:di ?)?(die|pay|regret|mati|mampus|menyesal|nyesel|bunuh|bacok|habisi|celaka|hilang)\b",
        rf"\b(?:kepala|leher|rumah|kantor|tangan|mulut)\s*{_YOURS}\s+(?:bakal|akan|mau|pasti)\s+(?:di ?|gue\s+|gw\s+|aku\s+|saya\s+|ku)({_HARM})\b",
        rf"\b(?:akan|bakal|bakalan|mau|pasti|siap)\s+({_HARM})(?:in|i|kan)?\s+{_WHOM}\b",
        r"\b(bom|bomnya)\s+(?:\w+\s+){0,2}(?:pasang|taruh|tanam|siapkan|rakit)\b",
        r"\b(dipaehan|pateni|tak pateni|paehan)\b",
        r"\b(?:hati-hati|hati hati|awas)\b.{0,60}\b(anakmu|istrimu|keluargamu|pulang malam|anak lu|rumahmu)\b",
        r"\b(kill|murder|shoot|burn)\s+(?:you|yourself|your|them all)\b",
        r"\b(hati-hati|awas|waspada)\s+(?:\w+\s+){0,2}(?:nyawa|keselamatan|keluarga|anak)\w*\b",
        r"\b(nyawa|keselamatan|keluarga|anak|istri)(?:mu|lu|kalian|nya)?\s+(?:\w+\s+){0,2}(?:taruhan\w*|jadi taruhan|melayang|tidak aman|gak aman|ga aman|dalam bahaya|jadi sasaran|tak akan selamat)",
    )
]


def threat(folded: Folded) -> str | None:
    """What is threatened, or None: harm that somebody announces, wishes or orders."""
    line = folded.line
    for clause in (line, *(" ".join(clause) for clause in folded.clauses)):
        for pattern in _THREATS:
            found = pattern.search(clause)
            if found and not re.search(rf"\b{_NOT}\b[^.]{{0,12}}$", clause[: found.start()]):
                return next(part for part in found.groups() if part)
    return None


def promotion(folded: Folded) -> str | None:
    """What is sold (clause 4.1), or None: one word alone is a topic, several are an offer."""
    said = [squeeze(meant(word, KNOWN), 2) for word in folded.words]
    offered = {word for word in said if word in words.SELLING}
    sold = [word for word in said if word in words.SOLD]
    if sold and len(offered) >= 3:
        return sold[0]
    pairs = set(pairwise(said))
    for first, second in _OFFERS:
        if (first, second) in pairs:
            return f"{first} {second}"
    return None


_OFFERS = frozenset(
    tuple(pair.split())
    for pair in [
        "slot gacor",
        " gacor maxwin",
        " link alternatif",
        " daftar sekarang",
        " open bo",
        " cek bio",
        " klik link",
        " link bio",
        " bonus deposit",
        " wa admin",
        " order sekarang",
        "minat dm",
        " minat wa",
        " hubungi wa",
        " jual followers",
        " follow back",
        " follow ig",
        " follow akun",
        " pinjaman cepat",
        " dana cepat",
        " pinjaman tanpa",
        " promo diskon",
        "diskon besar-besaran",
        " gratis ongkir",
        " cod se-indonesia",
        " dm aja",
        " wa aja",
        " free followers",
        " subscribe channel",
        " cek toko",
        " kunjungi toko",
        "open order",
        " ready stock",
        " buy now",
        " click here",
        " earn money",
        " passive income",
        " bandar togel",
        " agen slot",
        " situs slot",
        " bocoran slot",
        " prediksi togel",
        "join grup",
        " gabung grup",
        " join channel",
        " gabung channel",
        " jasa backlink",
        " jasa seo",
        " open reseller",
        " cuan setiap",
        " cuan tiap",
        " untung jutaan",
        " modal kecil",
        "obat pelangsing",
        " peninggi badan",
        " obat kuat",
        " jual akun",
        " joki skripsi",
        " jasa joki",
        " promo spesial",
        " promo bulan",
        " promo akhir",
        " diskon khusus",
        " beli dua",
    ]
)
