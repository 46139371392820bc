"""How word2vec samples the words of a text: subsampling, and negatives by smoothed frequency."""

from __future__ import annotations

import numpy as np

from mstar.machine.arrays import Array


def kept(unigram: Array, subsample: float) -> Array:
    """Return a_i (V,), the probability with which each occurrence of word i is kept.

    ``a_i = min(1, t/P_i + sqrt(t/P_i))`` with t = ``subsample``, as in word2vec's code.

    Args:
        unigram: (V,) P_i.
        subsample: t.
    """
    ratio = subsample / unigram
    return np.asarray(np.minimum(1.0, ratio + np.sqrt(ratio)))


def word2vec_factors(
    unigram: Array, subsample: float = 1e-5, negative_power: float = 0.75
) -> tuple[Array, Array]:
    """Return a_i and n_i (V,), which say how often word2vec draws a word for its frequency.

    A word is kept as a centre or context with a_i (`kept`), and drawn as a negative in proportion
    to P_i^{power} = P_i n_i. Both are divided by their means over the vocabulary, as in the paper's
    runs (App. A.3 and its code).
    """
    accept, smooth = kept(unigram, subsample), unigram**negative_power / unigram
    return accept / accept.mean(), smooth / smooth.mean()
