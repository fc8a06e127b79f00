"""Query parameters that say where a reader came from, and nothing about which story it is.

Checked against courlan's, AdGuard's and ClearURLs' lists of names, and much narrower than the first of them: "cid",
"uid", "eid", "cl", "session" or "keyword" name the story itself on more than one outlet.
"""

from __future__ import annotations

import re

_STARTS = """
    utm_ utm- mtm_ pk_ piwik_ matomo_ ga_ gs_ itm_ mkt_ ml_ oly_ vero_ hsa_ at_ ns_ wt_ sc_ fb_ mc_ _hs __hs trk_ cm_mmc
    s_kwcid s_cid ads_ iesrc dm_i nr_email __twitter spr_ tblci taboola_ outbrain_ ob_ aff_ _openstat guce_ soc_ sfmc_
"""
_WHOLE = """
    fbclid gclid dclid yclid ysclid twclid msclkid gbraid wbraid igshid igsh fbcid gclsrc srsltid ttclid li_fat_id
    rb_clickid epik wickedid zanpid irclickid clickid mkt_tok _ga _gl _gac gaa_at gaa_n gaa_ts gaa_sig
    cmp cmpid cmp_id ocid xtor ito smid smtyp emc cndid mbid bxid esrc guccounter ncid tsrc sr_share
    share_id shareid sharetype sharetoken share_token share_from affiliate affiliateid partnerid referrer referer
    campaign campaignid campaign_id intcmp int_cmp icid amp outputtype usqp amp_js_v amp_gsa amp_r amp_kit aoh ampmode
    isamp rss feedname ftag ref_src ref_url refsrc _r_ traffic_source trackingid tracking_id sfns sourcecode rtid nlid
    newsletterid leadsource
"""
# Only when their value is a word ("rss", "twitter.com"): with a number they may name the story.
_UNLESS_NUMBERED = "ref source src from via share partner feed output platform medium origin share_type"

_PREFIXES = tuple(_STARTS.split())
_NAMES = frozenset(_WHOLE.split())
_SOFT = frozenset(_UNLESS_NUMBERED.split())
_WORD = re.compile(r"[A-Za-z_.\-]*(?:%[0-9A-Fa-f]{2}[A-Za-z_.\-]*)*", re.ASCII)


def is_tracker(parameter: str) -> bool:
    """Whether one "name=value" of a query (percent-encoded, no "&") can go without the story changing."""
    name, _, value = parameter.partition("=")
    name = name.lower()
    if name in _NAMES or name.startswith(_PREFIXES):
        return True
    return name in _SOFT and _WORD.fullmatch(value) is not None
