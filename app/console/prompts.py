"""What telephone and kiosk say: listen to each sentence, and put a human voice in its place."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import Blueprint, Response, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.console.access import CHARGE, page, who
from app.console.rendering import render, texts
from app.desk.audit import record
from app.errors import AudioError, NotFound
from app.runtime import Runtime
from speech.audio import encode_wav, mulaw_decode
from speech.clips import text_key

_LARGEST = 4 * 1024 * 1024  # bytes: two minutes at 16 kHz


class Prompt(NamedTuple):
    """`channel`: where it is said first, phone or kiosk; a recording counts for both."""

    channel: str
    text: str


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    clips = runtime.clips

    def _sentence(key: str) -> str:
        """By its key; NotFound for what is never said."""
        for _, said in _prompts():
            if text_key(said) == key:
                return said
        raise NotFound("没有这句话")

    def _prompts() -> Sequence[Prompt]:
        prompts: Sequence[Prompt] = current_app.config["PROMPTS"]()
        return prompts

    def _page(wrong: str | None = None) -> ResponseReturnValue:
        rows = [
            (channel, text_key(said), said, clips.is_recorded(said), clips.can_restore(said))
            for channel, said in _prompts()
        ]
        answer = render("prompts.html", rows=rows, speaks=clips.can_play("您好"), wrong=wrong)
        return (answer, 400) if wrong else answer

    @page(blueprint, "/prompts", allow=CHARGE)
    def prompts() -> ResponseReturnValue:
        return _page()

    @page(blueprint, "/prompts/<key>.wav", allow=CHARGE)
    def prompt_audio(key: str) -> ResponseReturnValue:
        sound = clips.audio_for(_sentence(key))
        if sound is None:
            raise NotFound("这句由电话公司的声音念，这里听不到。传一段录音就能听了。")
        return Response(encode_wav(mulaw_decode(sound)), mimetype="audio/wav")

    @page(blueprint, "/prompts/<key>", allow=CHARGE, methods=("POST",))
    def prompt_upload(key: str) -> ResponseReturnValue:
        request.max_content_length = _LARGEST
        said, file = _sentence(key), request.files.get("file")
        try:
            clips.record(said, file.read() if file is not None else b"")
        except AudioError:
            return _page(texts(runtime)("这个文件放不出来。请录成 WAV（16 位、8 到 48 kHz）再传。"))
        _note("record_prompt", key)
        flash(texts(runtime)("换好了，下一通电话就用这段录音。"), "good")
        return redirect("/staff/prompts", 303)

    @page(blueprint, "/prompts/<key>/<any(remove,restore):what>", allow=CHARGE, methods=("POST",))
    def prompt_undo(key: str, what: str) -> ResponseReturnValue:
        said = _sentence(key)
        if what == "remove":
            clips.remove(said)
        elif not clips.restore(said):
            raise NotFound("没有上一段录音了")
        _note(f"{what}_prompt", key)
        flash(
            texts(runtime)("去掉了。点“换回上一段”可以放回来。" if what == "remove" else "换回来了。"), "good"
        )
        return redirect("/staff/prompts", 303)

    def _note(deed: str, key: str) -> None:
        with runtime.db.transaction() as session:
            record(session, who().staff_id, deed, now=runtime.now(), subject="prompt", data={"key": key})
