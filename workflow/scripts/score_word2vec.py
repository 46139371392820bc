"""Score predictions of word2vec, tied and as gensim trains it, beside a second training run."""

from collections.abc import Iterator

from mstar.corpus.vocabulary import read_vocabulary
from mstar.dynamics import learning_times
from mstar.evaluation.analogies import build_questions
from mstar.evaluation.question_files import read_sections
from mstar.features.predictors import AGAIN, BY_SIZE, CHANCE, MSTAR, PROP2, RECURSION
from mstar.files.tables import write_table
from mstar.files.writing import load_arrays
from mstar.prediction import scores, word2vec_scores
from mstar.prediction.word2vec_scores import Row
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.training.record import load_embedding, read_trace

given, params = snakemake.input, snakemake.params


def rows() -> Iterator[tuple[str, str, Row]]:
    """Yield model, predictor and row of every score."""
    mstar = spectrum.load(given.mstar)
    embeddings = {MSTAR: mstar.embedding(params.dim)}
    embeddings[PROP2] = spectrum.load(given.prop2).embedding(params.dim)
    words = read_vocabulary(given.vocabulary)[0][: len(mstar.eigenvectors)]
    questions = scores.asked(build_questions(read_sections(given.questions), words, "regenerated"))
    for place, model in enumerate(params.models):
        print(model, flush=True)
        run = params.inits.get(model)
        times = {}
        if run is None:
            negative = model.partition("_k")[2]
            names = {
                f"{key}_{order}": name + by
                for key, name in (("mstar", MSTAR), (f"prop2_k{negative}", PROP2))
                for order, by in (("size", BY_SIZE), ("value", ""))
            }
            stored = load_arrays(given.untied, list(names), "table of predicted embeddings")
            predicted = {names[key]: stored[key] for key in names}
        else:
            predicted = dict(embeddings)
            # The times of M* are in units of its own tau_1, those of the recursion in flow time.
            taus = learning_times.time_constants(mstar.eigenvalues[: params.dim], run)
            times[MSTAR] = taus / taus[0], "time_tau1"
            if model in params.recursions:
                at = params.recursions.index(model)
                predicted[RECURSION] = load_embedding(given.recursion_embeddings[at])
                trace = read_trace(given.recursion_traces[at])
                times[RECURSION] = word2vec_scores.half_times(trace, "time"), "time"
            again = read_trace(given.second_traces[place])
            times[AGAIN] = word2vec_scores.half_times(again, "time"), "time"
        predicted[AGAIN] = load_embedding(given.second_embeddings[place])
        trained = load_embedding(given.embeddings[place])
        for name, embedding in predicted.items():
            for row in word2vec_scores.directions(trained, embedding):
                yield model, name, row
        for row in word2vec_scores.chance(*trained.shape):
            yield model, CHANCE, row
        trace = read_trace(given.traces[place])
        for name, (expected, column) in times.items():
            found = word2vec_scores.half_times(trace, column)
            for row in word2vec_scores.times(found, expected):
                yield model, name, row
        for name, row in word2vec_scores.analogies(questions, trained, predicted):
            yield model, name, row


with logged(snakemake.log[0]):
    write_table(word2vec_scores.table(rows()), snakemake.output[0])
