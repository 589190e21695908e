"""The files of a Vosk model directory: which must be there, and what its configuration says."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from app.errors import SpeechModelError

DEFAULT_SAMPLE_RATE = 16000
"""Kaldi's own default where a model's features don't say otherwise."""
_FRAME_MS = 10.0
_SUBSAMPLING = 1.0
"""Kaldi's own defaults, as above."""
_REMEDY = "set JIACHANG_SPEECH_MODEL to the directory of an unpacked Vosk model"


@dataclass(frozen=True)
class ModelFiles:
    """A directory that has every file the engine opens. `phrase_lists`: the graph allows them at run time.

    `score_seconds`: from one judgement of the net to the next.
    """

    path: Path
    sample_rate: int
    phrase_lists: bool
    score_seconds: float


def inspect(path: Path) -> ModelFiles:
    """Raises SpeechModelError that says what is missing and what to do."""
    path = Path(path)
    if not path.is_dir():
        raise SpeechModelError(f"speech model {path} {_instead_of_directory(path)}; {_REMEDY}")
    acoustic, conf, graph = _layout(path)
    missing = [] if _filled(acoustic) else [acoustic]
    features = next((f for f in (conf / "mfcc.conf", conf / "fbank.conf") if _filled(f)), None)
    if features is None:
        missing.append(conf / "mfcc.conf")
    if conf != path and not _filled(conf / "model.conf"):
        missing.append(conf / "model.conf")
    static = _filled(graph / "HCLG.fst")
    if not static:
        missing += [graph / name for name in ("HCLr.fst", "Gr.fst") if not _filled(graph / name)]
        if not (graph / "disambig_tid.int").is_file():
            missing.append(graph / "disambig_tid.int")
    if features is None or missing:
        names = ", ".join(str(file.relative_to(path)) for file in missing)
        raise SpeechModelError(
            f"speech model {path} lacks {names} (or they are empty); {_hint(path)}{_REMEDY}"
        )
    shift = _number(features, "frame-shift", _FRAME_MS) / 1000
    subsampling = _number(conf / "model.conf", "frame-subsampling-factor", _SUBSAMPLING)
    return ModelFiles(path, _sample_rate(features), not static, shift * subsampling)


def _instead_of_directory(path: Path) -> str:
    if not path.exists():
        return "does not exist"
    return "is an archive: unpack it first" if zipfile.is_zipfile(path) else "is not a directory"


def _hint(path: Path) -> str:
    """What it seems to be instead: the mistakes that are easily made."""
    if (path / "final.ext.raw").exists():
        return "it is a model for telling speakers apart; "
    inside = [found for found in sorted(path.iterdir()) if found.is_dir() and _layout(found)[0].exists()]
    return f"the model is one level down, in {inside[0]}; " if inside else ""


def _layout(path: Path) -> tuple[Path, Path, Path]:
    """Acoustic model, configuration directory, graph directory of the present and of the flat, old layout."""
    if (path / "final.mdl").exists() and not (path / "am").exists():
        return path / "final.mdl", path, path
    return path / "am" / "final.mdl", path / "conf", path / "graph"


def _filled(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _sample_rate(features: Path) -> int:
    rate = int(_number(features, "sample-frequency", DEFAULT_SAMPLE_RATE))
    if not 8000 <= rate <= 48000:
        raise SpeechModelError(
            f"speech model {features.parent.parent}: {rate} Hz in {features.name} makes no sense"
        )
    return rate


def _number(conf: Path, option: str, default: float) -> float:
    """As the toolkit reads it: - and _ are the same, the last line wins."""
    if not conf.is_file():
        return default
    name = option.replace("-", "[-_]")
    found = re.findall(rf"^\s*--{name}\s*=\s*(\d+(?:\.\d+)?)", conf.read_text(errors="replace"), re.MULTILINE)
    return float(found[-1]) if found else default
