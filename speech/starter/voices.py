"""Which synthetic voices train the model, which choose between models, and which only ever test it.

Variants of espeak-ng that differ in little (steph, steph2, steph3) are never divided between the splits. Of espeak's
second synthesiser (Klatt 1980) the voice sources 4 to 6 are trained on, source 1 is for development, and 2 and 3
are only tested. Test voices with `formants` other than 1 are resampled beyond what training does, as a longer or
a shorter throat sounds. All are of the espeak-ng family: nothing is known about human voices.

Debian has another Chinese synthesiser, mbrola with the voice mbrola-cn1, but only in its non-free archive; where
it is installed it could serve as an independent test voice. Nothing depends on it.
"""

from dataclasses import dataclass
from typing import Literal

Split = Literal["train", "dev", "test"]

BASE = "cmn-latn-pinyin"


@dataclass(frozen=True)
class Voice:
    """`variant` of espeak-ng ("" = the plain voice); `formants` > 1: everything sounds as from a shorter throat.

    `rate` in espeak's words a minute and `pitch` 0–99 are what suits the voice in tests; training draws its own.
    """

    name: str
    variant: str
    formants: float = 1.0
    rate: int = 150
    pitch: int = 50

    @property
    def espeak(self) -> str:
        return f"{BASE}+{self.variant}" if self.variant else BASE


# fmt: off
_TRAIN_VARIANTS = (
    "", "Alex", "Alicia", "Andy", "Annie", "AnxiousAndy", "Denis", "Diogo", "Gene", "Gene2", "Henrique", "Hugo",
    "Jacky", "Marco", "Mario", "Michael", "Reed", "RicishayMax", "RicishayMax2", "RicishayMax3", "Storm", "Tweaky",
    "UniRobot", "adam", "anika", "antonio", "aunty", "benjamin", "boris", "caleb", "croak", "david", "ed", "edward",
    "edward2", "f1", "f2", "f3", "f4", "grandpa", "gustave", "ian", "iven", "iven2", "iven3", "iven4", "john",
    "kaukovalta", "linda", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "marcelo", "max", "michel", "miguel",
    "norbert", "pablo", "paul", "pedro", "rob", "robert", "robosoft", "robosoft2", "robosoft3", "robosoft4",
    "robosoft5", "robosoft6", "robosoft7", "robosoft8", "sandro", "shelby", "victor", "whisper", "whisperf", "zac",
)
# fmt: on

TRAIN: tuple[Voice, ...] = tuple(Voice(variant or "plain", variant) for variant in _TRAIN_VARIANTS)
RARE = frozenset({"whisper", "whisperf", "AnxiousAndy", "UniRobot", "croak", "kaukovalta", "Storm"})
"""Training variants that hardly anybody sounds like; drawn a quarter as often as the others."""

HASTY = frozenset(
    {
        "Andrea",
        "RicishayMax2",
        "RicishayMax3",
        "UniRobot",
        "anika",
        "antonio",
        "pedro",
        "robosoft",
        "robosoft2",
    }
    | {"robosoft3", "robosoft4", "robosoft5", "robosoft7"}
)
"""Variants with syllable lengths of their own: half as fast again as the others at the same rate."""

FORMANTS_TRAIN = (0.82, 1.20)
"""Range of the resampling in training."""

DEV: tuple[Voice, ...] = (
    Voice("dev-travis", "travis", rate=140),
    Voice("dev-quincy", "quincy", rate=170),
    Voice("dev-belinda", "belinda", rate=150),
    Voice("dev-mike2", "mike2", rate=190),
    Voice("dev-klatt", "klatt", rate=150),
)

TEST: tuple[Voice, ...] = (
    Voice("test-f5", "f5", rate=150, pitch=55),
    Voice("test-m8", "m8", rate=150, pitch=40),
    Voice("test-andrea", "Andrea", rate=100, pitch=60),
    Voice("test-nguyen", "Nguyen", rate=160, pitch=45),
    Voice("test-mike", "Mike", rate=160, pitch=45),
    Voice("test-grandma", "grandma", rate=110, pitch=50),
    Voice("test-steph", "steph2", rate=160, pitch=55),
    Voice("test-klatt", "klatt2", rate=150, pitch=45),
    Voice("test-klatt-high", "klatt3", rate=150, pitch=65),
    Voice("test-f5-short", "f5", formants=1.25, rate=150, pitch=55),
    Voice("test-m8-long", "m8", formants=0.78, rate=140, pitch=40),
)

BY_SPLIT: dict[Split, tuple[Voice, ...]] = {"train": TRAIN, "dev": DEV, "test": TEST}
