"""A model as if some texts had never been written: its grammar alone is another, and the engine opens it."""

from pathlib import Path

from app.settings import load_settings
from speech.starter.corpus import written_texts
from speech.starter.unseen import without
from speech.vosk_engine import VoskEngine


def test_only_the_grammar_is_another_and_the_engine_opens_it(tmp_path: Path) -> None:
    model, out = load_settings().speech_model, tmp_path / "stranger"
    without(model, set(written_texts()[::2]), out)
    names = {path.relative_to(model) for path in model.rglob("*") if path.is_file()}
    changed = {name for name in names if (model / name).read_bytes() != (out / name).read_bytes()}
    assert changed == {Path("graph/Gr.fst")}
    assert (out / "graph/Gr.fst").stat().st_size < (model / "graph/Gr.fst").stat().st_size
    heard = VoskEngine.load(out).recogniser()
    heard.accept(bytes(16_000))
    assert heard.finish().text == ""
