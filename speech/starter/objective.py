"""What the training makes small, beyond the frame-wise cross-entropy. Needs PyTorch: only the training environment has it.

`Sequence` is the lattice-free maximum mutual information of https://www.isca-archive.org/interspeech_2016/povey16_interspeech.html,
with paths that the synthesis has told instead of aligned ones: the negative log probability of the true states among all
paths, a frame. A net that was trained frame by frame is too sure of neighbouring frames which repeat each other; this
asks for whole chunks what decoding asks for whole utterances.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

_CROSS_ENTROPY = 0.1
"""Share of the frame-wise loss that is kept, so that scores stay probabilities."""
_UNSEEN, _LEAST = 0.01, 0.001
"""Added to the counts of transitions: spread as the states are, and evenly."""


@dataclass(frozen=True)
class Sequence:
    """`prior` [pdfs] and `transitions` [from, to]: log probabilities of the states, one score apart."""

    prior: Tensor
    transitions: Tensor

    @classmethod
    def counted(cls, labels: NDArray[np.int16], pdfs: int, stride: int) -> Self:
        """`labels`: the pdf of every frame; a score is made for each `stride`-th."""
        truth = labels.astype(np.int64)
        shares = np.bincount(truth, minlength=pdfs) / len(truth)
        pairs = np.bincount(truth[:-stride] * pdfs + truth[stride:], minlength=pdfs * pdfs)
        pairs = pairs.reshape(pdfs, pdfs).astype(np.float64)
        pairs += _UNSEEN * pairs.sum(1, keepdims=True) * shares + _LEAST
        return cls(
            torch.from_numpy(np.log(shares + 1 / len(truth))).float(),
            torch.from_numpy(np.log(pairs / pairs.sum(1, keepdims=True))).float(),
        )

    def __call__(self, scores: Tensor, labels: Tensor) -> Tensor:
        """`scores` [batch, pdfs, outputs] as the net gives them, `labels` [batch, outputs]."""
        posteriors = functional.log_softmax(scores, 1)
        said = (posteriors - self.prior[None, :, None]).transpose(1, 2)
        true = (
            said.gather(2, labels[:, :, None]).sum((1, 2))
            + self.prior[labels[:, 0]]
            + self.transitions[labels[:, :-1], labels[:, 1:]].sum(1)
        )
        sequence = (self._any_path(said) - true).mean() / labels.shape[1]
        return sequence + _CROSS_ENTROPY * functional.nll_loss(posteriors, labels)

    def _any_path(self, said: Tensor) -> Tensor:
        """The forward algorithm: log of the sum over all paths, [batch]."""
        onwards = self.transitions.exp()
        reached = self.prior + said[:, 0]
        for now in said.unbind(1)[1:]:
            most = reached.amax(1, keepdim=True)
            reached = ((reached - most).exp() @ onwards).clamp_min(1e-30).log() + most + now
        return torch.logsumexp(reached, 1)
