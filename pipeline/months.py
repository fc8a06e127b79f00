"""Names of months in the languages of the world's news pages, and calendars that count years otherwise.

The forms are those that stand in a date: nominative, genitive and the usual abbreviations, after CLDR's calendar data.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

# One line a month. Croatian "listopad" is left out: it is October there and November in Polish and Czech.
_NAMES = (
    "january january jan januar jänner janvier janv enero ene gennaio gen januari janeiro gener xaneiro ianuarie jan "
    "ianuar январь января янв січень січня січ януари јануар leden ledna január styczeń stycznia sty siječnja "
    "sausio janvāris tammikuu tammikuuta jaanuar janúar ocak oca ιανουάριος ιανουαρίου ιαν يناير ינואר ژانویه "
    "januarie enero januar มกราคม ม.ค जनवरी জানুয়ারি জানুয়ারী جنوری",
    "february feb februar feber février fevrier févr febrero febbraio februari fevereiro fev febrer febreiro februarie "
    "февраль февраля фев лютий лютого лют февруари фебруар únor února február luty lutego lut veljače vasario "
    "februāris helmikuu helmikuuta veebruar febrúar şubat şub φεβρουάριος φεβρουαρίου φεβ فبراير شباط פברואר פבר فوریه "
    "pebruari กุมภาพันธ์ ก.พ फरवरी फ़रवरी ফেব্রুয়ারি ফেব্রুয়ারী فروری pebrero",
    "march mar märz maerz marz mrz mars marzo maart mrt março març martie mac mart март марта мар березень березня бер "
    "březen března marec marca marzec marzo ożujka kovo marts maaliskuu maaliskuuta märts március mars μάρτιος "
    "μαρτίου μαρ مارس آذار מרץ มีนาคม มี.ค मार्च মার্চ maret",
    "april apr avril avr abril abr aprile abril aprilie апрель апреля апр квітень квітня кві април duben dubna apríl "
    "apríla kwiecień kwietnia kwi travnja balandžio aprīlis huhtikuu huhtikuuta aprill április nisan nis απρίλιος "
    "απριλίου απρ أبريل إبريل نيسان אפריל آوریل เมษายน เม.ย अप्रैल এপ্রিল اپریل",
    "may mai mayo mag maggio mei maio maig mai май мая травень травня тра мај květen května máj mája maj maja svibnja "
    "gegužės maijs toukokuu toukokuuta május maí mayıs μάιος μαΐου μαϊ μάι مايو أيار מאי مه พฤษภาคม พ.ค मई মে مئی mei",
    "june jun juni juin junio giugno giu junho juny xuño iunie июнь июня июн червень червня чер юни јун јуни červen "
    "června jún júna czerwiec czerwca cze lipnja birželio jūnijs kesäkuu kesäkuuta juuni június júní haziran haz "
    "ιούνιος ιουνίου ιουν يونيو حزيران יוני ژوئن มิถุนายน มิ.ย जून জুন جون jun",
    "july jul juli juillet juil julio luglio lug julho juliol xullo iulie июль июля июл липень липня лип юли јул јули "
    "červenec července júl júla lipiec lipca lip srpnja liepos jūlijs heinäkuu heinäkuuta juuli július júlí temmuz tem "
    "ιούλιος ιουλίου ιουλ يوليو تموز יולי ژوئیه julai กรกฎาคม ก.ค जुलाई জুলাই جولائی",
    "august aug août aout agosto ago augustus agost august август августа авг серпень серпня сер srpen srpna augusta "
    "sierpień sierpnia sie kolovoza rugpjūčio augusts elokuu elokuuta augusztus ágúst ağustos ağu αύγουστος αυγούστου "
    "αυγ أغسطس آب אוגוסט اوت agustus ogos สิงหาคม ส.ค अगस्त আগস্ট اگست augusti",
    "september sep sept septembre septiembre settembre set setembro setembre septiembre septembrie сентябрь сентября "
    "сен сент вересень вересня вер септември септембар září wrzesień września wrz rujna rugsėjo septembris syyskuu "
    "syyskuuta szeptember eylül eyl σεπτέμβριος σεπτεμβρίου σεπ سبتمبر أيلول ספטמבר سپتامبر กันยายน ก.ย सितंबर सितम्बर "
    "সেপ্টেম্বর ستمبر setyembre",
    "october oct okt oktober octobre octubre ottobre ott outubro out octubre outubro octombrie октябрь октября окт "
    "жовтень жовтня жов октомври октобар říjen října október októbra październik października paź spalio oktobris "
    "lokakuu lokakuuta oktoober október ekim eki οκτώβριος οκτωβρίου οκτ أكتوبر אוקטובר اکتبر ตุลาคม ต.ค अक्टूबर "
    "অক্টোবর اکتوبر oktubre",
    "november nov novembre noviembre novembro noiembrie ноябрь ноября ноя листопад листопада лис ноември новембар "
    "listopad listopadu listopada lis studenoga studenog lapkričio novembris marraskuu marraskuuta nóvember kasım kas "
    "νοέμβριος νοεμβρίου νοε نوفمبر נובמבר نوامبر พฤศจิกายน พ.ย नवंबर नवम्बर নভেম্বর نومبر nobyembre",
    "december dec dez dezember décembre decembre déc diciembre dic dicembre dezembro desembre decembro decembrie des "
    "desember декабрь декабря дек грудень грудня гру декември децембар prosinec prosince decembra grudzień grudnia gru "
    "prosinca gruodžio decembris joulukuu joulukuuta detsember desember aralık ara δεκέμβριος δεκεμβρίου δεκ ديسمبر "
    "דצמבר دسامبر disember ธันวาคม ธ.ค दिसंबर दिसम्बर ডিসেম্বর دسمبر disyembre",
)  # fmt: skip
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}  # year 1 follows
_BUDDHIST = 543
_HIJRI_LEAPS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})  # year modulo 33


def folded(word: str) -> str:
    """`word` without case and accents, for looking up."""
    plain = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).strip(".’'")


_MONTHS = {folded(name): number for number, names in enumerate(_NAMES, 1) for name in names.split()}


def month(word: str) -> int:
    """Number 1..12 of a month's name or abbreviation, 0 when it is none. Hebrew names may carry their "in"."""
    key = folded(word)
    return _MONTHS.get(key) or (_MONTHS.get(key[1:], 0) if key[:1] == "ב" else 0)


def era_year(era: str, year: str) -> int:
    """Year of our count for a Japanese or Taiwanese era's year (元 is its first)."""
    return _ERAS[era] + (1 if year == "元" else int(year))


def common_day(year: int, number: int, day: int) -> datetime:
    """Midnight UTC of a day whose year may be Buddhist (2569) or Solar Hijri (1404). Raises ValueError."""
    if 2400 < year < 2700:
        year -= _BUDDHIST
    elif 1360 <= year < 1473:
        return _from_solar_hijri(year, number, day)
    return datetime(year, number, day, tzinfo=UTC)


def _from_solar_hijri(year: int, number: int, day: int) -> datetime:
    """By the 33-year cycle of leap years, which agrees with the astronomical calendar for 1343..1472 (Borkowski)."""
    if not (1 <= number <= 12 and 1 <= day <= (31 if number < 7 else 30)):
        raise ValueError("no such day")
    leaps = sum(y % 33 in _HIJRI_LEAPS for y in range(1343, year))
    days = (year - 1343) * 365 + leaps + (number - 1) * 31 - max(0, number - 7) + day - 1
    return datetime(1964, 3, 21, tzinfo=UTC) + timedelta(days=days)
