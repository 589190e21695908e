"""espeak-ng with timings, in a process of its own: `python -m speech.starter.espeak_worker`.

One JSON line in, one JSON line and the raw sound out. Never imported: whoever needs it starts it, so that
GPL code runs at arm's length and a crash of espeak-ng costs one process.

Request:  {"text": "ni3 hao3", "voice": "cmn-latn-pinyin+f2", "rate": 150, "pitch": 50, "span": 50, "gap": 0}
Answer:   {"rate": 22050, "bytes": N, "syllables": [[start, vowel, end], …]} and N bytes of PCM16 mono,
          or {"error": "…"}. The first line after the start is {"ready": true} or {"error": "…"}.
"""

import json
import sys

from speech.starter.espeak_library import EspeakLibrary, Order

_SYSTEM_LIBRARY = "libespeak-ng.so.1"


def find_library() -> EspeakLibrary:
    """The wheel espeakng-loader's library, else the system's; raises OSError with both reasons."""
    try:
        import espeakng_loader

        return EspeakLibrary(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    except (ImportError, OSError, RuntimeError) as error:
        reason = f"wheel espeakng-loader: {error}"
    try:
        return EspeakLibrary(_SYSTEM_LIBRARY, None)
    except OSError as error:
        raise OSError(f"{reason}; {_SYSTEM_LIBRARY}: {error}") from error


def main() -> int:
    out = sys.stdout.buffer

    def answer(header: dict[str, object], sound: bytes = b"") -> None:
        out.write(json.dumps(header).encode() + b"\n" + sound)
        out.flush()

    try:
        library = find_library()
    except OSError as error:
        answer({"error": str(error)})
        return 1
    answer({"ready": True})
    # Ends when the parent closes the pipe or dies, so that no process stays behind.
    for line in sys.stdin.buffer:
        try:
            said = library.say(Order(**json.loads(line)))
        except (ValueError, TypeError) as error:
            answer({"error": f"{type(error).__name__}: {error}"})
        else:
            header: dict[str, object] = {
                "rate": said.rate,
                "bytes": len(said.samples),
                "syllables": said.syllables,
            }
            answer(header, said.samples)
    return 0


if __name__ == "__main__":
    sys.exit(main())
