"""Where the phrase files are: the product's, and those that a community puts beside them.

In a community's directory `places.toml` takes the place of the product's file of that name, and `places.add.toml`
is added to it: lists grow, single values are replaced.
"""

from pathlib import Path

from app.errors import SettingsError
from speech.datafile import DataFile

DIRECTORY = Path(__file__).with_name("phrases")


def data_file(name: str, directory: Path = DIRECTORY, community: Path | None = None) -> DataFile:
    """The file `name` (`places.toml`) as it counts here. Raises SettingsError naming file and line."""
    if community is None:
        return DataFile(directory / name)
    own, more = community / name, community / name.replace(".toml", ".add.toml")
    base = own if own.is_file() else directory / name
    return DataFile(base, more if more.is_file() else None)


def check_community(directory: Path, names: tuple[str, ...]) -> None:
    """Raises SettingsError for a directory that is none, or a file in it that nobody would read."""
    if not directory.is_dir():
        raise SettingsError(f"JIACHANG_PHRASES_DIR: 没有目录 {directory}。请建好它，或去掉这个设置。")
    known = {*names, *(name.replace(".toml", ".add.toml") for name in names)}
    for path in sorted(directory.glob("*.toml")):
        if path.name not in known:
            raise SettingsError(
                f"{path}: 没有叫这个名字的说法文件。可以替换的有 {'、'.join(sorted(names))}；"
                "只想补充就写成 places.add.toml 这样的名字。"
            )
