"""A dialogue walked by keyboard is the one that callers have: the same engine, the same understanding."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from app.desk.config import DeskConfig, from_settings
from app.settings import Settings
from ivr.flow import Flow
from ivr.flows.hotline import HOTLINE
from ivr.flows.rating import RATING_CALL
from ivr.keyboard import BROKEN, HANG_UP, NOISE, KeyboardCall, Pretence
from ivr.leftover import leftovers

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten in the morning there, a Monday
Walk = Callable[..., KeyboardCall]


@pytest.fixture(scope="module")
def cfg() -> DeskConfig:
    return from_settings(Settings.model_validate({}))


@pytest.fixture
def walk(cfg: DeskConfig) -> Walk:
    def walked(*lines: str, flow: Flow = HOTLINE, **pretence: object) -> KeyboardCall:
        call = KeyboardCall(flow, cfg, Pretence(**pretence), now=lambda: NOW)  # type: ignore[arg-type]
        said = [line.text for line in call.begin() if line.who == "hotline"]
        for line in lines:
            said += [answer.text for answer in call.type(line) if answer.who == "hotline"]
        call.said = said  # type: ignore[attr-defined]
        return call

    return walked


def said(call: KeyboardCall) -> list[str]:
    return call.said  # type: ignore[attr-defined, no-any-return]


def did(call: KeyboardCall) -> list[str]:
    return [deed["do"] for deed in call.done if deed["do"] != "find_person"]


def test_words_make_a_ticket_with_category_place_and_promise(walk: Walk) -> None:
    call = walk("三栋二单元路灯不亮了", "对")
    assert (call.ticket, call.ended_by, did(call)) == (1001, "hotline", ["open_ticket"])
    assert call.done[0]["with"]["place"] == {"building": "3", "unit": "2"}
    assert "基础设施维修，三栋二单元" in call.done[0]["says"]
    assert said(call)[-1].startswith("11月26日前")  # three working days
    assert call.left == [] and call.type("喂") == []


@pytest.mark.parametrize("key", ["1", "１"])
def test_digits_are_keys(walk: Walk, key: str) -> None:
    call = walk("三栋路灯不亮", key)
    assert call.ticket == 1001 and not call.done[0]["with"]["needs_listening"]


def test_a_key_that_means_nothing_here_is_waited_over_as_in_a_call(walk: Walk) -> None:
    call = walk("三栋路灯不亮")
    before = call.state
    (line,) = call.type("7")
    assert line.who == "desk" and call.state == before


def test_a_longer_entry_is_closed_by_its_last_key_or_by_hash(walk: Walk) -> None:
    told = walk("查一下我的事", "1001#", "1111", earlier=True, withheld=True)
    assert any("维修的事" in sentence and "正在办理" in sentence for sentence in said(told))
    wrong = walk("查一下我的事", "1001#", "2222", earlier=True, withheld=True)
    assert "没有对上" in "".join(said(wrong)) and wrong.ended_by is None
    own = walk("查一下我的事", earlier=True)
    assert own.ended_by == "hotline" and "正在办理" in "".join(said(own))


def test_silence_and_noise_are_failed_tries_and_end_in_a_promised_call(walk: Walk) -> None:
    silent = walk("", "")
    assert did(silent) == ["request_return_call"] and silent.ticket is None
    noisy = walk(NOISE, NOISE)
    assert did(noisy) == ["open_ticket", "request_return_call"]
    assert noisy.done[0]["with"]["needs_listening"] and "先请工作人员听录音" in noisy.done[0]["says"]
    assert "上午" in said(noisy)[-1]
    assert (
        "看不到您的号码"
        in walk("", "", withheld=True).done[0]["says"] + said(walk("", "", withheld=True))[-1]
    )


def test_a_broken_stream_goes_on_by_keys_where_words_are_not_heard(walk: Walk) -> None:
    call = walk(BROKEN)
    assert "请按键" in said(call)[-2]
    assert call.type("三栋路灯不亮") and call.ticket is None
    by_key = walk("1", "三栋路灯不亮", streams=False)
    assert by_key.ticket == 1001  # what she says after the key is recorded


def test_zero_rings_a_person_where_there_is_one(walk: Walk) -> None:
    accepted = walk("0", "1")
    assert accepted.ended_by == "hotline" and did(accepted) == []
    missed = walk("0", "")
    assert did(missed) == ["request_return_call"] and "没有接上" in "".join(said(missed))
    assert did(walk("转人工", person=False)) == ["request_return_call"]


@pytest.mark.parametrize(
    "lines", [(), ("三栋路灯不亮",), ("着火了",), ("0",), ("三栋路灯不亮", "0"), (NOISE,)]
)
def test_a_hang_up_leaves_what_a_real_call_would_leave(walk: Walk, lines: tuple[str, ...]) -> None:
    call = walk(*lines)
    wanted = leftovers(HOTLINE, call.state)["silent"]
    call.type(HANG_UP)
    assert call.ended_by == "caller"
    assert [{"do": deed["do"], "with": deed["with"]} for deed in call.left] == wanted and wanted
    assert call.hang_up() == []


def test_the_rating_call(walk: Walk) -> None:
    call = walk("是", "没好", "1", "一般", "不满意", "灯还是不亮", flow=RATING_CALL)
    assert "王阿姨" in said(call)[0] and any("路灯不亮" in sentence for sentence in said(call))
    marks = [deed["with"].get("value") for deed in call.done if deed["do"].startswith("record_")]
    assert marks == [3, 1, 2, 3, None] and call.ticket is None
    assert did(call)[-2:] == ["apply_rating", "finish_attempt"] and "重新去办" in said(call)[-1]
    assert "11月22日" in said(walk(flow=RATING_CALL, name=""))[0]
    assert walk(flow=RATING_CALL, machine=True).done[0]["with"] == {"outcome": "machine"}


@pytest.mark.parametrize(
    "line", ["\ud800", "\x00", "🔥" * 50, "三栋" * 5000, "0" * 10_000, "*#", "１２３", "ABC def"]
)
def test_nothing_that_can_be_typed_breaks_the_call(walk: Walk, line: str) -> None:
    for question in ((), ("三栋路灯不亮",), ("路灯不亮",), ("查一下我的事",)):
        call = walk(*question, line, line, HANG_UP)
        assert call.ended_by


def test_the_town_says_what_is_known_of_the_caller(walk: Walk) -> None:
    assert "您家附近吗" in said(walk("路灯不亮", home=True))[-1]
    assert "哪栋楼" in said(walk("路灯不亮"))[-1]
    assert set(asdict(Pretence())) >= {"home", "person", "earlier", "withheld", "streams"}


@pytest.mark.parametrize(
    ("lines", "deeds"),
    [
        (("家里着火了",), ["open_ticket", "hand_to_person"]),
        (("是", "没好，又漏煤气了"), ["open_ticket", "hand_to_person"]),
        (("是", "没好", "着火了"), ["record_fact", "open_ticket", "apply_rating", "finish_attempt"]),
    ],
)
def test_danger_anywhere_in_a_rating_call_is_answered_with_the_number(
    walk: Walk, lines: tuple[str, ...], deeds: list[str]
) -> None:
    call = walk(*lines, flow=RATING_CALL)
    assert "有危险请马上打幺幺九！" in said(call)
    assert (did(call), call.ended_by) == (deeds, "hotline")


def test_danger_said_to_what_was_read_back_is_answered_with_the_number(walk: Walk) -> None:
    call = walk("三栋路灯坏了", "着火了快来")
    assert "有危险请马上打幺幺九！" in said(call)
    assert call.done[0]["with"]["danger"] == "119"


def test_who_asks_for_a_person_in_other_words_is_put_through(walk: Walk) -> None:
    assert "正在给您接人工，请稍等。" in said(walk("叫个人来"))
    assert "正在给您接人工，请稍等。" in said(walk("我要找人", flow=RATING_CALL))
