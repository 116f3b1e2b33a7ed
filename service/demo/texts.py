"""Messages as real readers write them: slang, diacritics, emoji, Javanese, right to left."""

NAMES = (
    "Sri Wahyuni",
    "Budi Santoso",
    "Ni Luh Ayu",
    "Agus",
    "Siti Nurhaliza R.",
    "Yohanes Bé",
    "Andi Tenri",
    "Rina ☕",
    "Pak Joko",
    "ꦱꦸꦫꦠ꧀ꦤꦺꦴ",
    "أحمد",
    "Maria Magdalena da Costa",
    None,
    None,
    None,
)
MESSAGES = (
    "Terima kasih sudah menulis dengan jernih. Semangat terus, Kompas!",
    "Langganan koran dari zaman bapak saya. Sehat selalu untuk semua wartawannya 🙏",
    "Keren bgt liputannya, jarang ada yg bahas humas pemerintah sedalam ini 👏👏",
    "Semoga humas di daerah kami juga ikut belajar. Salam dari Ruteng, Manggarai.",
    "Buat kopi redaksi ☕ jangan begadang terus ya!",
    "Matur nuwun, mugi-mugi tansah lancar. ꦩꦠꦸꦂꦤꦸꦮꦸꦤ꧀",
    "Berita yang adil itu mahal. Ini sedikit dari kami sekeluarga 👨‍👩‍👧‍👦",
    "شكرا لكم على هذه المقالة المفيدة",
    "Bagus, tapi tolong lain kali sertakan datanya juga. Tetap semangat!",
    "Dari guru di pelosok: artikel ini saya pakai untuk bahan diskusi kelas XI.",
    "Gila, keren! 🔥 Baru kali ini paham tugas humas kementerian.",
    "Café kecil kami di Jogja selalu memutar beritanya. Salam hangat, naïf tapi tulus.",
    "Cek promo pinjaman cepat di situs kami, cair 5 menit!!!",
    None,
    None,
)
AMOUNTS = (10_000, 10_000, 25_000, 25_000, 25_000, 50_000, 50_000, 100_000, 75_000, 15_000, 250_000)
