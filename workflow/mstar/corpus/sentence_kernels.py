"""The compiled loop of `mstar.corpus.sentences`: a hash for the words of each sentence."""

from __future__ import annotations

import numba
import numpy as np

_SEED = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@numba.njit(nogil=True, cache=True)
def hash_sentences(tokens, ends, of_words, least, hashes):  # type: ignore[no-untyped-def]
    """Write the hash of each sentence to ``hashes``, 0 for one of fewer than ``least`` words.

    The hash of each word in turn is added (exclusive or) to that so far, and the sum mixed by the
    finaliser of SplitMix64, a permutation of the integers of 64 bits. So order matters.
    """
    begin = 0
    for sentence in range(ends.size):
        end = ends[sentence]
        mixed = np.uint64(0)
        if end - begin >= least:
            mixed = _SEED
            for at in range(begin, end):
                mixed ^= of_words[tokens[at]]
                mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
                mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
                mixed ^= mixed >> np.uint64(31)
            if mixed == 0:
                mixed = np.uint64(1)
        hashes[sentence] = mixed
        begin = end
