"""Predict from eigenpairs what embeddings will learn."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import build_questions, parse_questions
from mstar.evaluation.benchmarks import read_benchmark
from mstar.files.tables import write_table
from mstar.prediction import curves as prediction_curves
from mstar.prediction import features as prediction
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    sections = parse_questions(read_benchmark("google", snakemake.input.google))
    found, settings = spectrum.load(snakemake.input.spectrum), snakemake.params.settings
    size = len(found.eigenvectors)
    words, counts = (each[:size] for each in read_vocabulary(snakemake.input.vocabulary))
    shared = {key: settings[key] for key in ("init", "learning_rate", "drops")}
    shared["negative"] = snakemake.params.negative
    features = prediction.features(found, words, counts, shown=settings["words"], **shared)
    questions = build_questions(sections, words, "regenerated")
    given = {key: settings[key] for key in ("points", "seed")}
    curves = prediction_curves.curves(found, questions, dim=snakemake.params.dim, **given, **shared)
    of_word2vec = prediction.word2vec_features(
        spectrum.load(snakemake.input.prop2), words, counts, snakemake.params.dim, settings["words"]
    )
    write_table(of_word2vec, snakemake.output.word2vec)
    write_table(features, snakemake.output.features)
    write_table(curves, snakemake.output.curves)
    write_table(prediction_curves.categories(curves, questions), snakemake.output.categories)
