"""Pages in the encodings of all languages, declared, undeclared and declared wrongly."""

from __future__ import annotations

import json

import pytest

from pipeline.charset import codec, decode
from pipeline.extract import extract
from tests.hostile import SOURCE, page

TEXTS: dict[str, tuple[str, list[str]]] = {
    "de": (
        "Die Prüfer fanden drei Lücken, doch die Behörde erklärte, für größere Änderungen bleibe keine Zeit mehr.",
        ["cp1252", "iso8859-15"],
    ),
    "fr": (
        "Le président a déclaré que l’hôpital rouvrirait après l’été, mais où iront les élèves jusque-là ?",
        ["cp1252"],
    ),
    "es": (
        "El señor Núñez explicó que mañana habrá una sesión; según él, la niña volverá a España después.",
        ["cp1252"],
    ),
    "pt": (
        "A comissão não aprovou a proposta, mas o ministro já prometeu uma solução até à próxima estação.",
        ["cp1252"],
    ),
    "it": ("La città non è più la stessa: perché il caffè costa così tanto, e chi pagherà la metà?", ["cp1252"]),
    "is": (
        "Þingið samþykkti lögin í gær, en ráðherrann sagði að það væri ekki nóg fyrir börnin í sveitinni.",
        ["cp1252"],
    ),
    "no": (
        "Regjeringen sa at båtene må bli liggende, og at ingen får gå ut på sjøen før været blir bedre.",
        ["cp1252"],
    ),
    "sv": (
        "Båtarna får ligga kvar i hamnen, sade ministern, eftersom vädret på sjön är för dåligt för övningen.",
        ["cp1252"],
    ),
    "tr": (
        "Başkan dün açıkladı: yeni gemiler bu yıl gelmeyecek, çünkü şirketin işçileri greve gitti.",
        ["cp1254", "iso8859-9"],
    ),
    "pl": (
        "Minister powiedział, że łódź wróci później, gdyż żołnierze nie zdążyli sprawdzić wszystkich urządzeń.",
        ["cp1250", "iso8859-2"],
    ),
    "cs": (
        "Ministr řekl, že člun se vrátí později, protože vojáci nestihli zkontrolovat všechna zařízení.",
        ["cp1250", "iso8859-2"],
    ),
    "ru": (
        "Министр сказал, что корабль вернётся позже, потому что моряки не успели проверить все приборы.",
        ["cp1251", "koi8-r"],
    ),
    "uk": (
        "Міністр сказав, що корабель повернеться пізніше, бо моряки ще не встигли перевірити всі прилади.",
        ["cp1251", "koi8-u"],
    ),
    "el": (
        "Ο υπουργός είπε ότι το πλοίο θα επιστρέψει αργότερα, γιατί οι ναύτες δεν πρόλαβαν να το ελέγξουν.",
        ["cp1253", "iso8859-7"],
    ),
    "he": (
        "השר אמר כי הספינה תחזור מאוחר יותר, כי המלחים לא הספיקו לבדוק את כל המכשירים שעל הסיפון.",
        ["cp1255", "iso8859-8"],
    ),
    "ar": (
        "قال الوزير إن السفينة ستعود لاحقا لأن البحارة لم يتمكنوا من فحص جميع الأجهزة على متنها.",
        ["cp1256", "iso8859-6"],
    ),
    "ja": (
        "大臣は、船員がすべての装置を点検できなかったため、船の帰りは遅くなると述べた。港ではデータの確認が続いている。",
        ["shift_jis", "euc_jp", "iso2022_jp"],
    ),
    "zh": ("部长表示，由于船员未能检查所有设备，这艘船将推迟返回。港口的工作人员仍在核对数据。", ["gb2312", "gb18030"]),
    "zh-tw": ("部長表示，由於船員未能檢查所有設備，這艘船將延後返回。港口的工作人員仍在核對資料。", ["big5"]),
    "ko": (
        "장관은 선원들이 모든 장비를 점검하지 못해 배가 늦게 돌아올 것이라고 말했다. 항구에서는 확인이 이어지고 있다.",
        ["euc_kr", "cp949"],
    ),
    "th": ("รัฐมนตรีกล่าวว่าเรือจะกลับมาช้ากว่ากำหนด เพราะลูกเรือยังตรวจสอบอุปกรณ์ไม่ครบทุกชิ้น", ["cp874", "tis-620"]),
    "vi": ("Bộ trưởng nói rằng con tàu sẽ trở về muộn hơn vì thủy thủ chưa kiểm tra hết các thiết bị.", ["utf-8"]),
}
WRONG = (None, "utf-8", "iso-8859-1", "x-unknown", "idna")
CASES = [(lang, enc) for lang, (_, encs) in TEXTS.items() for enc in dict.fromkeys([*encs, "utf-8", "utf-16"])]


def written(lang: str, encoding: str, declared: str | None, *, lang_told: bool = True) -> bytes:
    """A page of that language in that encoding."""
    head = f"<meta charset={declared}>" if declared else ""
    html = f"<html lang={lang[:2]}>" if lang_told else "<html>"
    text = TEXTS[lang][0]
    paragraphs = "".join(f"<p>{text} {text}</p>" for _ in range(8))
    return f"<!doctype html>{html}<head>{head}<title>{text[:40]}</title></head><body>{paragraphs}</body></html>".encode(
        encoding
    )


@pytest.mark.parametrize(("lang", "encoding"), CASES)
def test_an_encoding_is_found_whatever_is_declared(lang: str, encoding: str) -> None:
    for declared in (encoding, *WRONG):
        assert TEXTS[lang][0] in decode(written(lang, encoding, declared)), f"declared {declared}"


@pytest.mark.parametrize(("lang", "encoding"), CASES)
def test_an_encoding_is_found_where_not_even_the_language_is_told(lang: str, encoding: str) -> None:
    for declared in (encoding, None, "utf-8"):
        assert TEXTS[lang][0] in decode(written(lang, encoding, declared, lang_told=False)), f"declared {declared}"


@pytest.mark.parametrize(("lang", "encoding"), CASES)
def test_the_header_is_believed_as_the_page_is(lang: str, encoding: str) -> None:
    body = written(lang, encoding, None)
    assert TEXTS[lang][0] in decode(body, f"text/html; charset={encoding}")
    assert TEXTS[lang][0] in decode(body, "text/html; charset=iso-8859-1")


@pytest.mark.parametrize(("lang", "encoding"), CASES)
def test_an_article_is_plain_text_of_whole_characters(lang: str, encoding: str) -> None:
    article = extract(page(written(lang, encoding, None)), None, SOURCE)
    text = TEXTS[lang][0]
    assert text in article.text
    json.dumps([article.title, article.text, article.summary], ensure_ascii=False).encode("utf-8")


def test_a_page_cut_in_the_middle_of_a_letter() -> None:
    body = written("ja", "shift_jis", "shift_jis")
    cut = next(
        body[:end]
        for end in range(900, 1000)
        if body[end - 1] > 0x80 and body[:end].decode("cp932", "ignore")[-1:] != "�"
    )
    assert TEXTS["ja"][0] in decode(cut)


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "hex", "", "\0", "nothing"]
)
def test_what_is_no_charset_of_the_web(label: str) -> None:
    assert codec(label) == ""
