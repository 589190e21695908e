"""Lists in answers: as much as one segment holds. Pure."""

from collections.abc import Sequence

from app.desk.config import DeskConfig
from app.desk.wording import room
from app.hygiene import utf16_units


def joined(cfg: DeskConfig, begin: str, items: Sequence[str], between: str, end: str) -> str:
    """As many of the items as fit, the first one in any case."""
    said = begin + items[0] + end
    for count in range(2, len(items) + 1):
        longer = begin + between.join(items[:count]) + end
        if utf16_units(longer) > room(cfg):
            break
        said = longer
    return said
