"""Why something was concluded: part of every answer of the understanding."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """`what` was concluded, its `value`, and the `words` (as heard or written) it rests on.

    `confidence` 0–1; of single pieces of `evidence` and of words matched by sound, how alike they are (1 = by
    characters). `topic` and `weight` (log odds) of evidence for the category.
    """

    what: str
    value: str
    words: str
    confidence: float = 1.0
    topic: str | None = None
    weight: float | None = None
