"""Dates told from the reader's now: "3 hours ago", "vor 2 Stunden", "昨天 14:05". Good to an hour or a day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from pipeline.clock import read_clock
from pipeline.months import folded

# Stems of units, without accents, by length; a word counts when it starts with one.
_UNITS = (
    (timedelta(seconds=1), "second sec sekund secon segund сек 秒 초 ثان שני saniye giay วินาที"),
    (timedelta(minutes=1), "min мин хвил λεπτ 分 분 دقيق دقاي דקה דקו dakika dk phut นาที menit मिनट"),
    (timedelta(hours=1), "hour hr h stund std heure hora ore ora uur uren tim time timm timer timme час годин godz "
     "hodin ωρα ωρες 小時 小时 時 时 시간 ساع שעה שעו saat sa gio ชั่วโมง jam घंट घण्ट tunti"),
    (timedelta(days=1), "day tag jour dia giorn dag den dny dni дн ден день gun ημερ μερ 天 日 일 "
     "يوم ايام أيام יום ימים วัน hari ngay दिन paiv"),
    (timedelta(days=7), "week woche semaine seman settiman weke weken vecka veckor uke uge недел тижн tydz tygodn tyd "
     "hafta εβδομαδ 週 周 주 اسبوع أسبوع שבוע สัปดาห์ minggu tuan सप्ताह viikko"),
    (timedelta(days=30), "month monat mois mes meses mese mesi maand manad maned месяц месяц місяц miesi mesic ay μην "
     "ヶ月 か月 个月 個月 개월 شهر חודש เดือน bulan thang महीन kuukau"),
)  # fmt: skip
_STEMS = sorted(
    ((folded(stem), unit) for unit, stems in _UNITS for stem in stems.split()), key=lambda x: len(x[0]), reverse=True
)
_SHORT = frozenset({"h", "hr", "sa", "ay", "ora", "ore", "day", "den", "dag", "tag", "mes", "dia", "dk", "min"})
_AGO = re.compile(
    r"\b(?:ago|vor|il y a|hace|fa|há|ha|atrás|geleden|sedan|siden|för|for|önce|тому|назад|temu|před|pred|πριν|lalu|"
    r"trước|sitten|ezelőtt|acum)\b|[前전]|منذ|قبل|לפני|ที่แล้ว|ที่ผ่านมา|पहले",
    re.I,
)
_COUNT = re.compile(
    r"(\d{1,3})\s*([^\s\d.,:;|]+)|"
    r"\b(an?|one|eine[rmn]?|une?|una?|uno|uma?|ein|een|en|ett|et)\s+([^\W\d_]+)",
    re.I,
)
_DAYS = (
    (0, "today heute aujourd'hui hoy oggi hoje vandaag idag сегодня сьогодні dzisiaj dziś dnes bugün σήμερα 今日 "
     "今天 오늘 اليوم היום วันนี้ आज tänään"),
    (1, "yesterday gestern hier ayer ieri ontem gisteren igår вчера вчора wczoraj včera dün χθες χτες kemarin 昨日 "
     "昨天 어제 أمس אתמול เมื่อวาน eilen"),
)  # fmt: skip
_SPACED = ((0, ("i dag", "hari ini", "hôm nay")), (1, ("i går", "hôm qua", "i gar")))  # fmt: skip
_DAY_WORDS = {folded(w): back for back, names in _DAYS for w in names.split()}
_LETTERS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "d": timedelta(days=1), "w": timedelta(days=7)}


def relative(text: str, now: datetime) -> tuple[datetime, bool] | None:
    """(moment, whether its time of day is known) of a relative date counted back from `now`, or None.

    The day of "yesterday" is taken in `now`'s zone: the page's is unknown, so the result may be a day off.
    """
    text = " ".join(text.split())[:60]
    if _AGO.search(text) and (gone := _gone(text)) is not None:
        return now - gone, gone < timedelta(days=1)
    back = _days_back(text)
    if back is None:
        return None
    day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
    clock = read_clock(text)
    return (day.replace(hour=clock.hour, minute=clock.minute), True) if clock else (day, False)


def _gone(text: str) -> timedelta | None:
    """How long ago: all counted units of `text` together ("1 hour 20 minutes ago")."""
    total: timedelta | None = None
    for match in _COUNT.finditer(text):
        unit = _unit(match[2] or match[4])
        if unit is not None:
            total = (total or timedelta()) + (int(match[1]) if match[1] else 1) * unit
    return total


def _unit(word: str) -> timedelta | None:
    word = folded(word)
    if word in _LETTERS:
        return _LETTERS[word]
    for stem, unit in _STEMS:
        if word == stem or (word.startswith(stem) and (stem not in _SHORT or len(word) <= len(stem) + 4)):
            return unit
    return None


def _days_back(text: str) -> int | None:
    lower = text.casefold()
    for back, phrases in _SPACED:
        if lower.startswith(phrases):
            return back
    for word in re.split(r"[\s,،、·|]+", lower)[:3]:
        key = folded(re.sub(r"[\d:.]+.*$", "", word))
        if key in _DAY_WORDS:
            return _DAY_WORDS[key]
        if key[:2] in _DAY_WORDS and not key.isascii():  # 昨天下午
            return _DAY_WORDS[key[:2]]
    return None
