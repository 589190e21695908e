"""`python -m speech.say TEXT OUT.wav`: makes a WAV file with the demo voice, for scripted callers."""

from pathlib import Path

import click

from app.errors import JiachangError
from speech import audio
from speech.voice import DEFAULT_RATE, synthesise


@click.command()
@click.argument("text")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--voice", default="", help="espeak-ng variant, e.g. f2, m3, klatt2")
@click.option("--rate", default=DEFAULT_RATE, show_default=True, help="words a minute, 80-450")
@click.option("--pitch", default=50, show_default=True, help="0-99")
def main(text: str, out: Path, voice: str, rate: int, pitch: int) -> None:
    """Say TEXT (Chinese) into OUT, 8 kHz mono."""
    try:
        pcm = synthesise(text, voice=voice, rate=rate, pitch=pitch)
    except JiachangError as error:
        raise click.ClickException(str(error)) from error
    audio.write_wav(out, pcm)
    click.echo(f"{out}: {audio.seconds_of(pcm):.2f} s, {audio.rms_dbfs(pcm):.1f} dBFS")


if __name__ == "__main__":
    main()
