"""Who wrote it: people's names out of bylines; agencies, outlets, photographers, editors and translators apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.agencies import agencies
from pipeline.html import key

MAX_PEOPLE = 12
MAX_LINE = 400  # characters of a byline; the longest of our data has 160
_BY = re.compile(
    r"^\s*(?:(?:(?:written|story|reporting|words|text|report)\s+by|by|von|vom|par|por|door|av|af|oleh|(?-i:di)|de\s+la|"
    r"автор(?:ка|и|ы)?|текст|yazan|oleh|penulis|tekst|συντάκτης|بقلم|كتب|מאת|โดย|by\s*line)\b|作者|記者|记者|文|글|撰文)[\s:：/／]+|"
    r"^\s*(?:記者|记者)(?=[\u4e00-\u9fff]{2,4}(?:[／/、\s]|$))|"
    r"^\s*(?:text|authors?|autor(?:in|en|es|a|as|e|i)?|auteur(?:e|s)?|redaktion|forfatter|skribent|tekijä)\s*:\s*",
    re.I,
)
# What a page writes before the names of those who did something else. A label needs a colon, a slash or a "by".
_BYS = r"(?:\s+(?:by|von|durch|par|por|da|av|af|door|di)\s+|\s*[:：/／]\s*|[・]\s*)"
_LABELS = {
    role: "|".join(label.replace("_", r"\s+") for label in " ".join(labels).split())
    for role, labels in {
        "photo": (
            "photo(?:s|graphs?|graphy|graphies|grapher|graphie)? pictures? images? fotos?",
            "fotograf(?:ie|ía|ia|i|as|en)? bild(?:er|rechte)? cr[ée]dits?_photo kuvat?",
            "фото зображення 写真 撮影 摄影 攝影",
            "图 圖 사진 صور[ةه]? צילום ภาพ fotoğraf",
        ),
        "editing": (
            "edit(?:ed|ing) editors? redigiert bearbeit(?:et|ung) édité edici[óo]n(?:_de)? editado edição a_cura",
            "redigering redactie редактор редактура 編集 编辑 編輯 责任编辑 責任編輯 편집 עריכה تحرير",
        ),
        "translation": (
            "translat(?:ed|ion|ors?)(?:_from(?:_the)?_\\w+)? (?:aus_dem_\\w+_)?übersetz(?:t|ung)(?:_und_adaptierung)?",
            "traduit(?:_d[eu](?:_l['’]|_)\\w+)? traduction",
            "traducid[oa](?:_del_\\w+)? traducción",
            "tradotto traduzione traduzido tradução vertaald vertaling",
            "översättning oversættelse oversettelse",
            "перевод переклад tłumaczenie překlad çeviren çeviri 翻訳 翻译 翻譯 번역 ترجمة תרגום",
        ),
        "reporting": (
            "(?:additional|with|further)_reporting contributions? mitarbeit avec_la_participation con_información",
            "colabor(?:ó|aron|ación)",
        ),
        "illustration": ("illustrat(?:ed|ion|ions|or|ionen)? graphics? grafik(?:en)? infograf(?:ía|ik) cartoon",),
        "video": ("videos? video_?graph(?:y|er) camera kamera vidéo видео",),
    }.items()
}
_ROLE = re.compile(
    r"(?:^|[\s;|,.()\[\]/·])(?:"
    + "|".join(f"(?P<{r}>{t})" for r, t in _LABELS.items())
    + rf"|(?P<author>text|texte|texto|testo|"
    rf"tekst|reporting|words|文|글)){_BYS}",
    re.I,
)
_IN_BRACKETS = re.compile(
    r"\s*[(\[]\s*(?:"
    + "|".join(f"(?P<{r}>{t})" for r, t in _LABELS.items())
    + r"|(?P<author>text|texte|texto|tekst))\s*[)\]]",
    re.I,
)
_SPLIT = re.compile(
    r"\s*(?:[;|•·/／\n、，；]|,\s*(?:and|und|et|y|e|og|och|en|ja|ve|dan|и|і|та|και)\s|,|"
    r"\s(?:and|und|et|og|och|ja|ve|dan|και|&|\+|with|mit|avec|(?-i:y|e|ed|i|и|і|та))\s|\s*(?:기자|특파원|記者|记者|通讯员)(?:\s+|$))\s*",
    re.I,
)
_JOB = re.compile(
    r"\b(?:staff|writers?|reporters?|correspondents?|editors?|redakteur(?:in)?|redaktion|korrespondent(?:in)?|journalist(?:e|in|a)?|"
    r"columnist|bureau|chief|news\s?room|news\s?desk|desk|team|analyst|producer|contributors?|freelance|agenc(?:y|ies)|"
    r"washington|london|berlin|published|updated|subscribe|follow|min read|editorial|guest|online|digital|admin|"
    r"special to|"
    r"webdesk|newspaper|magazine|media|press|posted|read more|comments?|share|copyright|all rights|photographer|"
    r"translator|"
    r"fotograf(?:in)?|übersetzer(?:in)?|autor(?:in)?|reporterin|redacci[óo]n|r[ée]daction|redazione|redação|redactie|redaksi|"
    r"toimitus|redakcja|redakce|redaksjonen|redaktionen|szerkesztőség|редакци\w*|редакці\w*|корреспондент|agentur(?:en)?|"
    r"agences?|agencias?|agências?|nachrichten|zeitung|noticias|notícias|notizie|actualit[ée]s?|nieuws|nyheter|uutiset|haber(?:ler)?|"
    r"news|website|web|tv|radio|herald|tribune|gazette|journal|times|presse|prensa|corresponsal|corrispondente|periodista|"
    r"giornalista|muhabiri?|wartawan|dziennikarz)\b|\w\.(?:com|net|org|de|at|ch|fr|es|it|be|nl|is|no|se|dk|co|uk|tv|ru|jp|eu)\b|"
    r"新聞|新闻|通信|報導|报道|報道|日報|日报|編集部|编辑部|編輯部|取材班|デジタル|オンライン|ニュース|뉴스|일보|신문|편집국|共同社|กองบรรณาธิการ",
    re.I,
)  # fmt: skip
_NOISE = re.compile(
    r"\s*[(\[][^)\]]{0,80}[)\]]|\S+@\S+\.\w+|https?://\S+|\s+@\w+|\s*\d{1,2}[./:]\d{2}.*$|"
    r"[,\s]+(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|published\b|updated\b|posted\b|\d{1,2}\s+\w+\s+\d{4}|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.?\s+\d{1,2},?\s+\d{4}).*$",
    re.I,
)
# "in Washington", "for another outlet": what follows a name but is none.
_PLACE = re.compile(r"\s+(?:in|aus|from|reporting from|at|à|en|em|for|für|pour|para)\s+(?=(?:the\s+)?[A-ZÀ-Þ]).*$")
_MAIL_AND_NAME = re.compile(r"^\s*\S+@\S+\s+\(([^()]{2,60})\)\s*$")  # how RSS 2.0 wants its authors
_DOMAIN_FIRST = re.compile(r"^\s*[\w-]+\.[a-z]{2,4}\s*,.*$")  # "outlet.de, Frankfurt, Germany": an imprint
_SUFFIX = re.compile(r"^(?:jr|sr|ph\.?d|md|m\.d|dr|prof|ii|iii|iv|esq|mba|cfa|obe|cbe|qc|kc|mp)\.?$", re.I)
_TITLE = re.compile(r"^(?:dr|prof|professor|mr|mrs|ms|dipl\.-ing)\.?\s+(?:dr\.?\s+)?", re.I)
_ENDS = re.compile(
    r"(?:\s+|(?<=[\u3040-\u9fff\uac00-\ud7a3]))(?:기자|특파원|記者|记者|特派員|論説委員|編集委員|通讯员)$"
)
_GENERIC = re.compile(
    r"[\s._-]*\b(?:news|online|digital|website|the|tv|com|net|org)\b[\s._-]*|^https?://(?:www\.)?|\.\w{2,6}/?$", re.I
)

# First and last name, or a short run of a script without capitals.
_FULL_NAME = re.compile(
    r"^(?:(?![a-zà-ÿ])[^\W\d_][\w'’.-]*(?:\s+(?:(?![a-zà-ÿа-яα-ω])[^\W\d_][\w'’.-]*|de|da|do|dos|di|del|della|la|le|van|der|"
    r"den|ter|von|zu|vom|bin|bint|al|el|ben|y|af|av)){1,4}|[\u3040-\u9fff\uac00-\ud7a3]{2,6})$"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What bylines say: people who wrote, the agency credited, organisations that sign, others by role."""

    people: tuple[str, ...] = ()
    credit: str = ""
    organizations: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def people(lines: Iterable[str], outlet: str = "") -> tuple[tuple[str, ...], str]:
    """People named in byline texts, and the agency credit found among them ("" when none); see `read_bylines`."""
    signed = read_bylines(lines, outlet)
    return signed.people, signed.credit


def read_bylines(lines: Iterable[str], outlet: str = "", strict: bool = False) -> Signature:
    """Who signs in byline texts. "By Ann Lee and Bo Chan; photos: Cy Doe" gives two people and a photographer.

    `strict` is for lines that may be no bylines: in scripts with capitals only full names count.
    Agencies, desks and the outlet's own name are no people. A name printed in capitals is set in title case.
    """
    found: dict[str, dict[str, str]] = {"author": {}, "organization": {}}
    credit = ""
    for line in lines:
        for role, text in _segments(line):
            for part in _parts(text):
                if agencies().named(part):
                    credit = credit or part
                    found["organization"].setdefault(key(part), part)
                elif is_outlet(part, outlet):
                    found["organization"].setdefault(key(part), part)
                elif _is_person(part) and not (strict and not _FULL_NAME.match(part)):
                    found.setdefault(role, {}).setdefault(key(part), _cased(part))
    authors, organizations = found.pop("author"), found.pop("organization")
    others = {r: tuple(n.values())[:MAX_PEOPLE] for r, n in found.items() if n}
    return Signature(tuple(authors.values())[:MAX_PEOPLE], credit, tuple(organizations.values())[:MAX_PEOPLE], others)


def is_outlet(part: str, outlet: str) -> bool:
    """Whether a signature is the outlet's own: its name, its address, a regional desk or an account of it."""
    home = key(_GENERIC.sub(" ", outlet)) or key(outlet)
    if not home:
        return False
    if key(part) in (key(outlet), "the" + key(outlet)) or key(_GENERIC.sub(" ", part)) == home:
        return True
    first = key(part.split()[0]) if part.split() else ""
    return first == home and (part.isupper() or len(key(part)) <= len(home) + 2)


def _segments(line: str) -> Iterator[tuple[str, str]]:
    """(role, text) of a line cut at its labels; text before the first label is the authors'."""
    line = " ".join(line[:MAX_LINE].replace("\n", ";").split())  # runs of blanks are slow to search
    line = _MAIL_AND_NAME.sub(r"\1", line)
    line = _IN_BRACKETS.sub(lambda m: f"\0{m.lastgroup}\0", line)
    role, start = "author", 0
    for match in _ROLE.finditer(line):
        yield from _bracketed(role, line[start : match.start()])
        role, start = match.lastgroup or "author", match.end()
    yield from _bracketed(role, line[start:])


def _bracketed(role: str, text: str) -> Iterator[tuple[str, str]]:
    """ "Ann Lee (text), Bo Chan (photos)": the role follows its name, marked here by two NULs."""
    pieces = text.split("\0")
    for names, said in zip(pieces[::2], pieces[1::2], strict=False):
        yield said, names
    if len(pieces) % 2:
        yield role, pieces[-1]


def _parts(line: str) -> list[str]:
    # An agency's own brackets ("Ann Lee (Reuters)") are a credit of their own.
    inner = [m for m in re.findall(r"[(\[]([^)\]]{2,40})[)\]]", line) if agencies().named(m)]
    line = _DOMAIN_FIRST.sub("", line)
    line = _NOISE.sub(" ", line)
    line = _BY.sub("", line, count=1)
    parts: list[str] = []
    for part in _SPLIT.split(line):
        part = _ENDS.sub("", _PLACE.sub("", _BY.sub("", part))).strip(" .,:;-–—*=+\u00a0")
        part = _TITLE.sub("", part)
        if _SUFFIX.match(part) and parts and _is_person(parts[-1]):
            continue
        if part:
            parts += _before_agency(part.split())
    return parts + inner


def _before_agency(words: list[str]) -> list[str]:
    """ "Ann Lee Associated Press" is a name and a credit."""
    for at in range(2, min(len(words), 5)):
        if agencies().named(" ".join(words[at:])):
            return [" ".join(words[:at]), " ".join(words[at:])]
    return [" ".join(words)]


def _is_person(text: str) -> bool:
    """A plausible name: two to five words with capitals (one word for scripts without them or pen names), no job."""
    if not 2 <= len(text) <= 50 or any(c.isdigit() or c in '<>{}=_:?!"' for c in text) or _JOB.search(text):
        return False
    words = text.split()
    if len(words) > 6 or not any(c.isalpha() for c in text):
        return False
    if text.isascii() or any(c.islower() for c in text):
        return words[0][0].isupper() or (len(words) > 1 and words[-1][0].isupper())
    return len(text) <= 20 or len(words) > 1


def _cased(name: str) -> str:
    """A name in capitals, or in lower case throughout, in title case; "Ann MCCARTHY" in its usual case, too."""
    words = name.split(" ")
    if len(words) > 1 and len(name) > 4 and (name.isupper() or any(len(w) > 3 and w.isupper() for w in words)):
        return " ".join(_word(w) if name.isupper() or (w.isupper() and len(w) > 3) else w for w in words)
    return name


def _word(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda m: m.group().capitalize(), word)
