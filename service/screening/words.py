"""The word lists, written for this service: what insults always, and what only when aimed.

Lists found elsewhere flag a tracker dog as abuse; here a word with an innocent life of its own
counts only in the frames in which it is thrown at somebody (see insults.py).
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Insults and profanity in any sentence: Indonesian, its slang, Javanese, Sundanese, English.
ABUSE = _words(
    "bangsat bgst bgsd bajingan keparat goblok gblk goblog tolol dungu bedebah brengsek bego bloon kontol kntl"
    " memek mmk ngentot ngentod ngewe entot jembut jancok jancuk dancok cok jancik"
    " ndasmu ndhasmu asuu perek lonte pelacur pecun sundal pepek peler pantek kimak pukimak puki"
    " bangke bangkek taik tae anjir njir anjay njing anying anjrit anjrot kampang cukimai cukimay"
    " jablay ngehe geblek gemblung picek pekok goblik kunyuk belegug sialan sontoloyo itil titit"
    " idiot fuck fucking fucker motherfucker bitch bastard asshole dickhead moron shithead bullshit"
    " cunt wanker stupid koplok tempik gathel gatel telek congor cangkem bacot"
)
# Harmless in most sentences; an insult when thrown at somebody or shouted.
AIMED = _words(
    "anjing anjink anjeng asu babi monyet kampret setan iblis tai kambing kerbau celeng kecoa tikus"
    " binatang sampah gila sinting edan bodoh bodo busuk bangkai najis laknat biadab kurap budek"
    " pengecut munafik penipu pembohong kacung jongos budak shit trash dog pig sial matamu"
)
# Shouted alone these are not insults: "gila, keren".
_NEVER_SHOUTED = _words(
    "gila edan sinting tikus kambing kerbau sampah binatang bodoh bodo dog pig trash sial budak setan busuk"
)
SHOUTED = AIMED - _NEVER_SHOUTED
# A neighbour that makes such a word innocent.
INNOCENT_NEAR = _words(
    "pelacak penjaga peliharaan liar hutan kucing hewan satwa daging ternak peternak peternakan kebun"
    " vaksin rabies ekor bulu kandang laut ras pemburu seekor sate guling panggang lucu setia adopsi"
    " dokter flu taman makan rumahku tetangga plastik organik bank pengelolaan daur pungut buang"
    " membuang kebersihan sungai laboratorium hama sawah kurban qurban qurbanku pemulung chi shio"
    " tahun bantu penyelamat gigitan digigit gonggong menggonggong jalan-jalan k9 polisi kelelawar"
    " film drama buku lagu novel panda hormat hutannya pelihara asia satay kitchen hot"
)

YOU = "lu|lo|loe|elu|elo|kau|kamu|km|kalian|ente|situ|koe|kowe|sira|maneh|mu|dia|mereka|you|u|anda|kon|awakmu|mereun"
AIMS_AT = (
    "wartawan|wartawannya|jurnalis|redaksi|media|penulis|penulisnya|admin|presiden|menteri|pejabat|dpr|rezim"
    "|penguasa|hakim|koruptor|editor|editornya|berita|beritanya|kompas|tulisan|portal|situs|pemerintah|reporter|gubernur"
    "|netizen|warganet|komentator"
)
LOUDER = "banget|bgt|emang|memang|lah|sih|bener|beneran|dasar|woi|woy|hei|hey|heh|ah|parah|semua|semuanya|kabeh|tenan|pisan|sekali|sumpah|deh|dah|ya|yaa|you|amat|kali"

# Slurs against groups, whatever the sentence.
SLURS = _words(
    "aseng kadrun cebong kecebong bencong banci bencis homoan maho cokin cukin kopar kapir cinak"
    " togog nigger nigga faggot tranny retard chink"
    " loleng cacad"
)
# Slurs with an innocent life: only aimed ("dasar ...", "... lu").
SLURS_AIMED = _words(
    "kafir cacat autis komunis pki negro homo lesbi gay waria sipit hitam dekil tuli bisu pincang gembel kampungan udik inlander"
    " murtad sesat liberal cina papua lgbt transgender radikal"
)
GROUPS = (
    "cina|china|tionghoa|arab|yahudi|yahudinya|papua|jawa|batak|madura|minang|sunda|dayak|ambon|kristen|islam|muslim"
    "|katolik|hindu|buddha|budha|ahmadiyah|syiah|kafir|lgbt|gay|homo|lesbi|waria|transgender|transpuan|pribumi"
    "|asing|imigran|rohingya|pengungsi|difabel|negro|pendatang|perempuan|wanita|cewek|cina-cina|konghucu|bugis|aceh|flores|ntt"
)
SCORN = (
    "anjing|babi|monyet|laknat|najis|sampah|kotor|biadab|teroris|parasit|hama|binatang|kafir|keparat|hina|bodoh"
    "|goblok|tolol|malas|penipu|pengkhianat|perusak|bau|murahan|rendahan|serakah|rakus|licik|jahat|sesat|terkutuk"
    "|maling|pencuri|rendahan|budak|monyetnya|kampret|bangsat|penjajah|benalu|kutu|setan|iblis|menjijikkan|primitif|terbelakang|penyakit|dajjal|pemalas|kriminal"
)
DRIVE_OUT = "usir|ganyang|bantai|basmi|habisi|musnahkan|singkirkan|enyahkan|bunuh|bakar|kill|deport|bunuhi|hajar|bersihkan|hancurkan|sikat"
NOT_MEANT = "jangan|stop|hentikan|tolak|menolak|kenapa|mengapa|bukan|tidak|lawan|kasus|sejarah|tragedi|melawan|cegah|isu|hoaks|stigma"

# Promotion: two of these together make an advertisement.
SELLING = _words(
    "promo diskon slot gacor togel maxwin jackpot jp deposit depo bonus pinjaman pinjol cair dicairkan agen"
    " bandar order orderan jual beli dijual gratis ongkir wa whatsapp whatsap telegram tele dm cod"
    " follow follback subscribe channel bio klik link daftar join gabung member cuan profit trading forex"
    " crypto kripto airdrop judi casino kasino poker scatter zeus rtp withdraw wd cashback voucher"
    " murah termurah terpercaya original grosir reseller dropship lapak toko tokopedia shopee open jasa"
    " followers pemutih pelangsing herbal obat kuat situs amanah resmi investasi passive income loan"
    " offer discount buy sale cheap visit website earn money bayarannya bayar langsung kunjungi hubungi kontak minat admin"
    " kredit dana tunai jaminan bunga syarat ktp proses menit bpkb testimoni ready stok stock rumah dp cicilan"
    " langganan bunga premium akun vpn streaming netflix undian menang hadiah menangkan menitan"
)
# These are sold on walls; at least one of them has to be there.
SOLD = _words(
    "promo diskon slot gacor togel maxwin jackpot deposit depo cair order orderan dijual ongkir wa whatsapp whatsap dm"
    " follow follback subscribe daftar gabung join cuan profit trading airdrop casino kasino poker scatter rtp wd cashback voucher"
    " termurah terpercaya grosir reseller dropship lapak shopee tokopedia jasa followers pemutih pelangsing klik"
    " loan offer discount buy sale cheap earn bpkb testimoni ready hubungi bio open kunjungi vpn undian menangkan herbal jual visit"
)

# Frequent little words: a message with none of them is in some other language.
HOME = _words(
    "yang dan di ke dari ini itu untuk dengan tidak ada akan juga saya aku kami kita kamu anda dia mereka"
    " sudah belum bisa harus lebih karena pada oleh sebagai atau tetapi tapi jadi kalau jika sangat semoga"
    " terima kasih makasih selalu terus tetap selamat mantap keren bagus semangat sukses berita liputan"
    " artikel kompas redaksi wartawan jurnalis baca membaca media indonesia pak bu mas mbak bang nya ya"
    " nggak enggak gak ga tak bukan lagi masih baru lah dong sih kok deh banget bgt yg dg dgn utk tdk sdh"
    " udah aja saja doang emang kayak gitu gini apa siapa kapan mana bagaimana kenapa bikin buat orang"
    " matur nuwun suwun sampun mboten ora iki iku sing lan karo kanggo wis durung aku kowe panjenengan kula"
    " sanget saking dados sedaya mugi tansah hatur nuhun pisan abdi teu anu jeung keur mah teh sareng"
    " wilujeng sae hebat alhamdulillah aamiin amin barakallah insyaallah semua banyak hari tahun anak ibu bapak"
    " the and is are was to of in for you your this that with it we i my me have has not be on at from thank"
    " thanks great good keep work news article very so much love please our they their what when how all"
    " jo sia indak samo nan urang tiang suksma rahajeng horas mauliate gereja salam doa dukung jurnalisme"
)
# The same of languages that are not read here, without marks as `folding` leaves them.
ABROAD = _words(
    "el los las del por para con una este esta muchas gracias muy articulo que pero como es son gusto"
    " le les des une est pour avec dans cet cette merci beaucoup tres et sur vous nous je c qui pas vraiment"
    " der das und ist fur mit nicht sehr vielen dank diesen ich habe daraus auf ein eine von zu wir sie"
    " il lo gli una questo grazie molto per sono della che non bellissimo articolo obrigado muito pelo uma nao"
    " het een van dit voor niet zeer bedankt artikel heel goed wij jullie met deze"
    " bu bir icin cok ve tesekkur ederim guzel haber gercekten cam on tac gia bai viet rat hay toi ban cho"
    " ang ng mga sa po salamat maraming ito hindi ay dziekuje bardzo jest nie za sie tak tack mycket var bra och det"
    " maraming napakaganda kiitos paljon hyva dakujem velmi koszonom nagyon"
)
