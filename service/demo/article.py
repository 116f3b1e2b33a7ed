"""The facts of the demo article: a real one, of KOMPAS.com, 1 March 2020, section Kemensos."""

URL = (
    "https://kompas.com/kemensos/read/2020/03/01/"
    "di-era-digital-praktisi-humas-pemerintah-dituntut-perkuat-kapasitas"
)
TITLE = "Di Era Digital, Praktisi Humas Pemerintah Dituntut Perkuat Kapasitas"
SECTION = "Kemensos"
PUBLISHED = "1 Maret 2020"
BODY = (
    "Cara masyarakat mencari informasi berubah cepat seiring meluasnya media digital. "
    "Karena itu, para praktisi humas pemerintah dituntut memperkuat kapasitas mereka agar "
    "informasi publik tersampaikan dengan jelas."
)
