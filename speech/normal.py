"""Any string → the characters that matter: Han, ASCII letters and digits, and "，" where a clause ends."""

import functools
import unicodedata

BREAK = "，"
_TRADITIONAL = "棟單號樓燈電們說沒對壞點樣這個嗎氣煙廁門車庫廣場園裡裏鄰鬧環衛護養醫療險費繳報維調員網處辦還給讓請問謝聽聲燒著傷暈倒搶殺斷線開關鍋爐熱凍漏馬蓋掃壩東體獨殘證補貼億萬兩貳參陸層擋佔違築築雞貓臟髒亂嚴讀書畫舞講課動預約訂飯餐緊尋離婚債產權戶屬業維護進訴訟應該時間過來從誰麼幾節鐘歲媽爸爺兒孫媳婦屍溝臺臺灣頭燃氣瓶爆傾斜樁盜賊鎖鑰匙遲遠運輸轉載錢買賣價滿舊損裂縫嗆窗廚陽臺頂貼牆紙區縣鄉鎮鐵銅釘鋼釋閥閘險"
_SIMPLIFIED = "栋单号楼灯电们说没对坏点样这个吗气烟厕门车库广场园里里邻闹环卫护养医疗险费缴报维调员网处办还给让请问谢听声烧着伤晕倒抢杀断线开关锅炉热冻漏马盖扫坝东体独残证补贴亿万两贰参陆层挡占违筑筑鸡猫脏脏乱严读书画舞讲课动预约订饭餐紧寻离婚债产权户属业维护进诉讼应该时间过来从谁么几节钟岁妈爸爷儿孙媳妇尸沟台台湾头燃气瓶爆倾斜桩盗贼锁钥匙迟远运输转载钱买卖价满旧损裂缝呛窗厨阳台顶贴墙纸区县乡镇铁铜钉钢释阀闸险"
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def normalise(text: str) -> str:
    """Full-width → half-width, traditional → simplified (common characters), lower case.

    Spaces vanish (recognisers and tired thumbs put them anywhere), punctuation becomes one "，", everything
    else — emoji, controls, lone surrogates — vanishes. Takes any string, keeps no positions.
    """
    out: list[str] = []
    for char in unicodedata.normalize("NFKC", text).translate(_TO_SIMPLIFIED).lower():
        kind = _kind(char)
        if kind == "keep":
            out.append(char)
        elif kind == "break" and out and out[-1] != BREAK:
            out.append(BREAK)
    return "".join(out).strip(BREAK)


@functools.lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    if "㐀" <= char <= "鿿" or char == "〇" or (char.isascii() and char.isalnum()):
        return "keep"
    # A hyphen, slash or hash joins the parts of an address (3-2-501), all other marks end a clause.
    if char in "-/#－–":
        return "keep" if char in "-/#" else "break"
    return "break" if unicodedata.category(char)[0] == "P" or char in "\n\r~+=|" else "drop"
