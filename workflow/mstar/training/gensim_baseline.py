"""The baseline: gensim's skip-gram with negative sampling, word2vec as used in practice.

Its input and output vectors are not tied. Like `mstar.counts.counting.count` it sees only words of
the vocabulary, and windows are formed without the others. There are two differences: gensim takes
at most `LONGEST` words at once, so longer documents are cut into equal parts and pairs across cuts
are lost; and it subsamples frequent words before windows are formed, so that these reach further.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.encoded_text import EncodedText
from mstar.files.writing import UserError
from mstar.training.record import Accuracy, Recorder, Training

try:
    from gensim.models import Word2Vec
    from gensim.models.word2vec import MAX_WORDS_IN_BATCH as LONGEST
except ImportError as error:  # gensim has no wheel for Python 3.14
    raise UserError(
        f"baselines: gensim cannot be imported ({error}): expected Python 3.11 to 3.13 (make clean,"
        " then make PYTHON=python3.13), or baselines: []"
    ) from None

# Seconds between lines of progress.
REPORT_EVERY = 10.0


class Sentences:
    """The documents of a text, as lists of the most frequent ``words``, for gensim.

    They can be iterated over any number of times.
    """

    def __init__(self, text: EncodedText, words: Sequence[str]) -> None:
        self.text, self.words = text, np.array(words, dtype=object)

    def __iter__(self) -> Iterator[list[str]]:
        for tokens, offsets in self.text.parts():
            for start, stop in itertools.pairwise(offsets.tolist()):
                document = np.asarray(tokens[start:stop])
                kept = self.words[document[document < len(self.words)]]
                pieces = -(-len(kept) // LONGEST)
                for piece in np.array_split(kept, pieces) if pieces else ():
                    yield piece.tolist()


def train(
    text: EncodedText,
    words: Sequence[str],
    counts: NDArray[np.int64],
    settings: Mapping[str, Any],
    dim: int,
    seed: int,
    accuracy: Accuracy,
) -> tuple[Training, Training]:
    """Train gensim's skip-gram; results are recorded as one row at infinite time.

    An epoch costs about tokens (L + 1) (1 + negative) d multiplications, fewer with subsampling.
    With one worker equal seeds give equal bytes; with more, threads write to the same vectors
    concurrently.

    Args:
        text: its tokens are read (1 + epochs) times.
        words: the V most frequent words.
        counts: (V,) how often each occurs.
        settings: window, negative, subsample (0 keeps all words), negative_power, learning_rate,
            epochs and workers, as in gensim.
        dim: d.
        seed: of gensim's random numbers.
        accuracy: function of an embedding.

    Returns:
        The records of the input vectors and of the sums of input and output vectors.
    """
    sentences = Sentences(text, words)
    number = sum(1 for _ in sentences)
    model = Word2Vec(
        sg=1,
        vector_size=dim,
        window=settings["window"],
        negative=settings["negative"],
        sample=settings["subsample"],
        ns_exponent=settings["negative_power"],
        alpha=settings["learning_rate"],
        epochs=settings["epochs"],
        workers=settings["workers"],
        seed=seed,
        min_count=1,
        sorted_vocab=0,  # sorting would change the order of words with equal counts
    )
    frequencies = dict(zip(words, counts.tolist(), strict=True))
    model.build_vocab_from_freq(frequencies, corpus_count=number)
    model.train(
        sentences,
        total_examples=number,
        total_words=int(counts.sum()),
        epochs=model.epochs,
        report_delay=REPORT_EVERY,
    )
    inputs, outputs = model.wv.vectors, model.syn1neg
    return _recorded(inputs, accuracy), _recorded(inputs + outputs, accuracy)


def _recorded(vectors: NDArray[np.float32], accuracy: Accuracy) -> Training:
    embedding = vectors.astype(np.float64)
    recorder = Recorder(np.full(embedding.shape[1], np.nan), [], accuracy)
    singular_values = np.linalg.svd(embedding, compute_uv=False).astype(np.float64)
    recorder.record(np.inf, np.nan, singular_values, embedding)
    return recorder.finish(embedding)
