"""Datelines: where and when a story was filed, and by whom. "LONDON, Feb 24 (Reuters) - ", "【ワシントン共同】".

How they are made is told by the agencies' style books (AP Stylebook and Reuters Handbook of Journalism, "datelines";
dpa, EFE, ANSA and Xinhua by example). All have the same parts: places, a day, and a mark of the agency in brackets,
between slashes or before a dash. So the mark is found first, and counts when nothing but places and a day stand before
it and a sentence begins behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from unicodedata import normalize

from pipeline.agencies import agencies

LONGEST = 160  # characters; "NEW YORK/WASHINGTON/SAN FRANCISCO, Feb 24 (Reuters) - " has 55
AHEAD = timedelta(days=2)  # a day later than this is last year's

# English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian, Finnish, Polish, Czech, Hungarian,
# Romanian, Croatian, Turkish, Indonesian, Russian, Ukrainian, Bulgarian, Greek, Arabic and Hindi, as datelines inflect
# them.
_MONTH_NAMES = (
    "jan january januar jänner janvier janv ene enero gen gennaio janeiro januari tammikuuta stycznia ledna "
    "január ianuarie siječnja ocak yanvar янв января січня януари ιανουαρίου ιαν يناير जनवरी",
    "feb february februar feber février fév févr fevrier febrero febbraio fev fevereiro februari helmikuuta "
    "lutego února február februarie veljače şubat fevral фев февр февраля лютого февруари φεβρουαρίου φεβ فبراير "
    "फरवरी",
    "mar march märz mrz mars marzo março maart maret mac maaliskuuta marca března március martie ožujka mart мар "
    "марта березня март μαρτίου μαρ مارس मार्च",
    "apr april avril avr abr abril aprile huhtikuuta kwietnia dubna április aprilie travnja nisan апр апреля "
    "квітня април απριλίου απρ أبريل अप्रैल",
    "may mai mayo mag maggio mei maj maio toukokuuta maja května május svibnja mayıs мая травня май μαΐου μαι "
    "مايو मई",
    "jun june juni juin junio giu giugno jun junho kesäkuuta czerwca června június iunie lipnja haziran июн июня "
    "червня юни ιουνίου ιουν يونيو जून",
    "jul july juli juillet juil julio lug luglio julho heinäkuuta lipca července július iulie srpnja temmuz июл "
    "июля липня юли ιουλίου ιουλ يوليو जुलाई",
    "aug august août aout ago agosto augusti augustus agustus elokuuta sierpnia srpna augusztus kolovoza ağustos "
    "авг августа серпня август αυγούστου αυγ أغسطس अगस्त",
    "sep sept september septembre septiembre set settembre setembro syyskuuta września září szeptember septembrie "
    "rujna eylül сен сент сентября вересня септември σεπτεμβρίου σεπ سبتمبر सितंबर",
    "oct okt october oktober octobre octubre ott ottobre out outubro lokakuuta października října október "
    "octombrie listopada ekim окт октября жовтня октомври οκτωβρίου οκτ أكتوبر अक्टूबर",
    "nov november novembre noviembre novembro marraskuuta listopadu noiembrie studenoga kasım ноя нояб ноября "
    "листопада ноември νοεμβρίου νοε نوفمبر नवंबर",
    "dec dez december dezember décembre déc decembre dic diciembre dicembre dezembro desember joulukuuta grudnia "
    "prosince decembrie prosinca aralık дек декабря грудня декември δεκεμβρίου δεκ ديسمبر दिसंबर",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_MONTH = r"(?<![^\W\d_])(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_DAY = re.compile(
    rf"(?P<y0>\d{{4}})\.\s*(?P<m0>{_MONTH})\s+(?P<d0>\d{{1,2}})\.?|"
    rf"\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s*(?:de\s+)?(?P<m1>{_MONTH})(?:,?\s*(?:de\s+)?(?P<y1>\d{{4}}))?|"
    rf"(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*(?P<y2>\d{{4}}))?|"
    r"(?:(?P<m3>\d{1,2})月)?(?P<d3>\d{1,2})日",
    re.I,
)
_MARK = re.compile(r"[(\[](?P<a>[^()\[\]]{2,40})[)\]]|(?<![\w/])/(?P<b>[^/]{2,30})/")
_STEP = re.compile(r"\s*(?:,|\||(?<=[^\W_])[.:](?=[\s-]|$)|\s[-–—―_]+(?=\s)|--+|[–—―])\s*")
_DASH = re.compile(r"\s+[-–—―]+\s+|\s*(?:--+|[–—―])\s*|\.\s*[-–—―]+\s*|(?<=\w)-\s+")
_AFTER = re.compile(r"\s*[.,:]?\s*(?P<dash>[-–—―_:=]*)\s*")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_EDGE = " \t\u00a0,.:;-–—―_|"
# Small words inside the names of places.
_SMALL = frozenset(
    {"de", "del", "la", "las", "le", "les", "los", "du", "des", "da", "do", "dos", "di", "al", "el", "am", "an", "der"}
    | {"den", "im", "in", "of", "the", "and", "und", "et", "y", "e", "near", "off", "bei", "sur", "upon", "van", "aan"}
    | {"på", "i", "w", "z", "d", "l"}
)
_ARTICLES = frozenset({"The", "A", "An", "Die", "Der", "Das", "Ein", "Eine", "Our", "My", "This", "In"})
_ALSO_PEOPLE = frozenset({"bloomberg"})  # whose name alone before a comma or a dash is no dateline
# Labels and bodies in capitals before a dash that name no place.
_NOT_PLACES = frozenset(
    {"EXCLUSIVE", "BREAKING", "ANALYSIS", "OPINION", "UPDATE", "UPDATED", "EXPLAINER", "WATCH", "LIVE", "VIDEO"}
    | {"COMMENTARY", "FACTBOX", "NEWS", "REVIEW", "SPECIAL", "EDITORIAL", "INTERVIEW", "FEATURE", "NATO", "DARPA"}
    | {"CORRECTED", "CORRECTION", "WRAPUP", "EMBARGOED", "EDITOR", "EDITORS", "NOTE", "PHOTO", "ADVISORY", "SUMMARY"}
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a dateline says; `agency` "" when it names none. `sure` is how far its form alone can be trusted, 0..1."""

    places: tuple[str, ...] = ()
    day: date | None = None
    agency: str = ""
    sure: float = 0.0


def read_dateline(paragraph: str, near: datetime | None) -> Dateline | None:
    """The dateline a paragraph opens with. A day without a year is the last such day before `near`."""
    head = normalize("NFKC", paragraph[:LONGEST]).strip()
    ways = (_eastern, _bracketed, _plain, _capitals)
    return next((found for way in ways if (found := way(head, near))), None)


def _bracketed(head: str, near: datetime | None) -> Dateline | None:
    """ "LONDON, Feb 24 (Reuters) - ", "MOSCOW, February 24. /TASS/. ", "(ANSA) - ROMA, 24 FEB - "."""
    for match in islice(_MARK.finditer(head), 4):
        inner, before, after = match["a"] or match["b"], head[: match.start()], head[match.end() :]
        agency = agencies().first(inner, dateline=True)
        if not agency:
            continue
        where = _where(before, near)
        if where is None or introduces(before, inner):
            return None
        if not before.strip(_EDGE):
            if not after.strip(_EDGE):
                return None  # a line of its own is a credit
            where = _where_after(after, near)
        elif not _opens(after, firm=where.dated or _is_capital(where.places)):
            return None
        if inner.strip() in agencies().dateline and not where.dated:
            return None
        return Dateline(split_places(where.places), where.day, agency, 0.99)
    return None


def _plain(head: str, near: datetime | None) -> Dateline | None:
    """ "Tehran, IRNA – ", "МОСКВА, 24 фев — РИА Новости. ", "BERLIN dpa | ", "AFP - ", "Reuters, London – "."""
    start = 0
    for step in islice(_STEP.finditer(head), 6):
        agency, mark = _last_name(head[start : step.start()].strip())
        if agency:
            before, after = head[: step.start() - len(mark)], head[step.start() :]
            alone = not before.strip(_EDGE)
            if alone and mark.casefold() in _ALSO_PEOPLE:
                return None  # "Bloomberg – the man, not the terminal – …"
            if alone and step.group().strip() == ",":
                where = _where_after(after, near, mixed=True)
                return Dateline(split_places(where.places), where.day, agency, 0.95) if where.places else None
            where_before = _where(before, near)
            if where_before is None or not _stands(mark, step.group().strip(), before, where_before, after):
                return None
            return Dateline(split_places(where_before.places), where_before.day, agency, 0.97)
        start = step.end()
    return None


def _last_name(segment: str) -> tuple[str, str]:
    """(agency, its mark) of a segment that ends with one: "IRNA", "Feb 24 Xinhua", "BERLIN dpa", "dpa Berlin"."""
    words = segment.split()
    if not words or len(words) > 6:
        return "", ""
    if name := agencies().named(segment, dateline=True):
        return name, segment
    day = _DAY.match(segment)
    rest = segment[day.end() :] if day else re.sub(r"^\d{1,2}\s", "", segment)
    if len(rest) < len(segment) and (name := agencies().first(rest, dateline=True)):
        return name, rest.strip()
    if len(words) < 4 and words[0].isupper() and len(words[0]) > 3:
        return agencies().first(words[-1], dateline=True), words[-1]
    if len(words) < 4 and words[0].islower() and all(_is_place_word(w) for w in words[1:]):
        return agencies().named(words[0], dateline=True), segment
    return "", ""


def _stands(mark: str, sign: str, before: str, where: _Where, after: str) -> bool:
    """Whether a mark without brackets is the end of a dateline."""
    alone = not before.strip(_EDGE)
    if sign == "," and where.dated:  # "МОСКВА, 24 фев — РИА Новости, Ана Видаль. …"
        return re.match(r",\s[^\W\d]\w+(?:\s\w+){1,2}(?:\.|\s[-–—])\s", after) is not None
    if sign == "," or mark in agencies().credit or (mark in agencies().dateline and not where.dated):
        return False
    if alone and (sign in ":|" or not (mark.isupper() if sign != "." else mark[0].islower())):
        return False  # "AFP - …" and "dpa Berlin. …", but no sentence that begins with a name
    if sign == ":" and before.endswith(", ") and not where.dated:
        return False  # "Vijayawada, AP: …" is a state
    return _opens(after.lstrip("| "), firm=where.dated)


def _capitals(head: str, near: datetime | None) -> Dateline | None:
    """Without an agency only places in capitals, set off by a dash: "OSLO, Feb 24 - ", "KYIV, Ukraine — "."""
    dash = _DASH.search(head)
    if not dash or not head[dash.end() :]:
        return None
    before = head[: dash.start()]
    where = _where(before, near)
    if where is None or not _is_capital(where.places) or (_BRACKETS.search(before) and not where.dated):
        return None
    first = where.places.split(",")[0]
    if sum(c.isalpha() for c in first) < 4 or set(re.split(r"\W+", first)) & _NOT_PLACES or agencies().first(first):
        return None
    return Dateline(split_places(where.places), where.day, "", 0.95 if where.dated else 0.85)


@dataclass(frozen=True, slots=True)
class _Where:
    places: str
    day: date | None
    dated: bool


def _where(text: str, near: datetime | None) -> _Where | None:
    """Places and day when `text` is nothing else, or None. "" is both unknown."""
    text = text.strip(_EDGE)
    dated, day = False, None
    if match := _DAY.search(text):
        rest = text[match.end() :].strip(_EDGE + "()")
        if rest and not re.fullmatch(r"[^\W\d_]{2,12}", rest):  # a weekday may follow
            return None
        dated, day = True, _resolve(match, near)
        text = re.sub(r"\s(?:في|le|el|am|den)$", "", text[: match.start()].strip(_EDGE)).strip(_EDGE)
    names = _BRACKETS.sub(" ", text)
    words = re.split(r"[\s/,;·•-]+", names.strip(_EDGE)) if names.strip(_EDGE) else []
    if len(words) > 12 or any(not _is_place_word(w) for w in words if w):
        return None
    if words and (words[0] in _ARTICLES and "Hague" not in words):
        return None
    return _Where(" ".join(names.split()), day, dated)


def _where_after(text: str, near: datetime | None, *, mixed: bool = False) -> _Where:
    """Places that follow the mark: "(ANSA) - ROMA, 24 FEB - ", and with `mixed` "Reuters, London – "."""
    text = text.lstrip(_EDGE)
    dash = _DASH.search(text)
    found = _where(text[: dash.start()], near) if dash else None
    if not dash or not found or not (found.dated or mixed or _is_capital(found.places)):
        return _Where("", None, False)
    names = "" if mixed and (len(found.places.split()) > 4 or text[dash.end() :][:1].islower()) else found.places
    return _Where(names, found.day, found.dated)


def _is_place_word(word: str) -> bool:
    word = word.strip(".'’()")
    if not word or word in _SMALL:
        return True
    if any(c.isdigit() or c in '?!"“”„«»' for c in word):
        return False
    # Scripts without capitals pass: what is no place there is too long.
    return word[0].isalpha() and (not word[0].islower() or word[:2] in ("d'", "l'", "d’", "l’"))


def _is_capital(places: str) -> bool:
    letters = [c for c in places.split(",")[0] if c.isalpha()]
    return len(letters) >= 3 and all(c.isupper() for c in letters)


def _opens(after: str, *, firm: bool) -> bool:
    """Whether a story begins behind a mark; `firm` datelines may stand alone or go on in lower case ("eBay …")."""
    if after.startswith(("'", "’")):
        return False
    mark = _AFTER.match(after)
    rest = after[mark.end() :] if mark else after
    if not rest:
        return firm or bool(mark and mark["dash"])
    return not rest[0].islower() or (firm and bool(mark and mark["dash"]))


def introduces(before: str, mark: str) -> bool:
    """Whether brackets only introduce an abbreviation: "Pakistan Tehreek-e-Insaf (PTI)", "Communist Party (CP)"."""
    words = [w for w in re.split(r"[\s-]+", before.strip(_EDGE)) if w[:1].isupper()]
    if _is_capital(before) or len(words) < 2:
        return False
    return "".join(w[0] for w in words).endswith(mark.strip(_EDGE + "()"))


def split_places(places: str) -> tuple[str, ...]:
    """Cities of "NEW YORK/WASHINGTON, D.C." in title case: ("New York", "Washington"). Regions are left out."""
    names = []
    places = re.sub(r"/(?:Main|Oder|Saale|M\.|O\.)(?!\w)", "", places)
    for part in re.split(r"\s*(?:/|;|\band\b)\s*|,\s*(?=[A-ZÀ-ÞА-Я]{4,}(?:\s*[,/]|$))", places):
        city = (part or "").split(",")[0].strip(" .,-")
        if city:
            names.append(re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", _title, city) if city.isupper() else city)
    return tuple(dict.fromkeys(names))


def _title(match: re.Match[str]) -> str:
    word = match.group()
    return word.capitalize() if word not in ("DE", "DU", "DES", "AM", "DER") or match.start() == 0 else word.lower()


def _resolve(match: re.Match[str], near: datetime | None) -> date | None:
    """The calendar day of a match of `_DAY`; without a year the last such day up to `near`."""
    found = {key[0]: value for key, value in match.groupdict().items() if value}
    month = found.get("m", "").rstrip(".").casefold()
    number = int(month) if month.isdigit() else _MONTHS.get(month, 0)
    try:
        if "y" in found:
            return date(int(found["y"]), number, int(found["d"]))
        if near is None or not number:
            return None
        day = date(near.year, number, int(found["d"]))
        return day if day - near.date() <= AHEAD else day.replace(year=near.year - 1)
    except ValueError:
        return None


@cache
def _han() -> re.Pattern[str]:
    """ "新华社北京2月24日电", "（中央社記者王小明台北24日電）": agency, place and day run on before 电, "wired"."""
    marks = sorted((m for m in (*agencies().exact, *agencies().loose) if m[0] >= "\u2e80"), key=len, reverse=True)
    return re.compile(
        rf"^[（(【\[\s据]*(?P<agency>{'|'.join(marks)})(?P<by>[记記]者)?(?P<place>[\u4e00-\u9fff/、·\s]{{0,16}}?)\s*"
        r"(?P<day>(?:\d{1,2}月)?\d{1,2}日|[一二三四五六七八九十廿卅]{1,3}日)\s*[电電讯訊]"
    )


def _eastern(head: str, near: datetime | None) -> Dateline | None:
    """Chinese (`_han`), Japanese and Korean: "【ワシントン共同】", "[東京 24日 ロイター]", "(서울=연합뉴스)"."""
    if head.isascii():
        return None
    if match := _han().match(head):
        day = _DAY.search(match["day"])
        cities = () if match["by"] else tuple(p for p in re.split(r"[/、·\s]+", match["place"]) if p)
        name = agencies().named(match["agency"], dateline=True)
        return Dateline(cities, _resolve(day, near) if day else None, name, 0.98)
    match = re.match(r"[【\[(]([^【】\[\]()]{2,40})[】\])]", head)
    if not match or match[1].isascii():
        return None
    day = _DAY.search(match[1])
    parts = [p for p in re.split(r"[=\s・、·]+", _DAY.sub(" ", match[1])) if p]
    places, last = parts[:-1], parts[-1] if parts else ""
    agency = agencies().named(last, dateline=True)
    if not agency and last and len(parts) == 1:
        agency, place = next(_glued(last), ("", ""))
        places = [place] if place else []
    if any(agencies().named(p) or p in _PICTURE for p in places):
        return None  # "[로이터=연합뉴스]", "[사진=연합뉴스]" are credits of pictures
    if not agency and not (head[0] == "【" and "=" in match[1] and len(places) == 1):
        return None
    return Dateline(tuple(places), _resolve(day, near) if day else None, agency, 0.98 if agency else 0.85)


_PICTURE = frozenset({"사진", "写真", "図", "그래픽", "자료", "영상", "제공", "图", "圖"})


def _glued(text: str) -> Iterator[tuple[str, str]]:
    """ "ワシントン共同": the agency that ends a word, and the place before it."""
    for size in range(2, min(6, len(text))):
        if name := agencies().named(text[-size:]):
            yield name, text[:-size]
