"""What the audit log's deeds and subjects are called."""

from app.texts.catalogue import Translate, mark
from models.base import Json

DEEDS = {
    "sign_in_tried": mark("尝试登录"),
    "sign_in_password": mark("密码输对"),
    "sign_in": mark("登录"),
    "password_changed": mark("换密码"),
    "password_reset": mark("重设密码"),
    "sessions_ended": mark("退出各处登录"),
    "totp_on": mark("开始用动态码"),
    "totp_off": mark("关闭动态码"),
    "person_added": mark("添加人员"),
    "person_changed": mark("修改人员"),
    "person_disabled": mark("停用人员"),
    "person_enabled": mark("恢复人员"),
    "see_phone": mark("看完整号码"),
    "see_address": mark("看住址"),
    "see_photo": mark("看照片"),
    "hear_recording": mark("听录音"),
    "print_ticket": mark("打印诉求"),
    "export": mark("导出"),
    "import": mark("导入"),
    "add_resident": mark("登记居民"),
    "change_resident": mark("修改居民"),
    "erase_resident": mark("删除居民资料"),
    "merge_residents": mark("合并居民"),
    "undo_merge": mark("撤销合并"),
    "add_phone": mark("添加号码"),
    "drop_phone": mark("删除号码"),
    "live_together": mark("登记同住"),
    "live_apart": mark("取消同住"),
    "add_unit": mark("添加单位"),
    "change_unit": mark("修改单位"),
    "move_unit": mark("移动单位"),
    "remove_unit": mark("删除单位"),
    "change_roster": mark("修改值班"),
    "change_station": mark("修改驿站"),
    "kiosk_added": mark("登记自助屏"),
    "kiosk_enrolled": mark("自助屏启用"),
    "kiosk_revoked": mark("停用自助屏"),
    "kiosk_refused": mark("自助屏送来的没收下"),
    "kiosk_conflict": mark("自助屏送来两份不同的"),
    "kiosk_code_wrong": mark("自助屏编码没输对"),
}
SUBJECTS = {
    "ticket": mark("诉求"),
    "resident": mark("居民"),
    "recording": mark("录音"),
    "photo": mark("照片"),
    "callback": mark("回访"),
    "staff": mark("人员"),
    "unit": mark("单位"),
    "audit": mark("查看记录"),
    "station": mark("驿站"),
    "kiosk": mark("自助屏"),
}
_DETAILS = {
    "name": mark("姓名"),
    "role": mark("角色"),
    "kind": mark("属于"),
    "unit_id": mark("单位"),
    "unit": mark("单位"),
    "phone": mark("电话"),
    "rows": mark("行数"),
    "what": mark("改了"),
    "fields": mark("改了"),
    "address": mark("来源"),
    "by": mark("经由"),
    "operator": mark("命令行"),
    "why": mark("原因"),
}
_HIDDEN = frozenset({"account"})
_HASH = 6  # characters of a keyed hash: enough to see that two are the same


def details(data: Json, say: Translate) -> str:
    """What else is known of a deed, in a line."""
    parts = []
    for name, value in data.items():
        if name in _HIDDEN:
            continue
        values = value if isinstance(value, list) else [value]
        told = say("、").join(
            str(one)[:_HASH] if name == "address" else say(_DETAILS.get(str(one), str(one))) for one in values
        )
        parts.append(say("{what}：{words}").format(what=say(_DETAILS.get(name, name)), words=told))
    return say("；").join(parts)
