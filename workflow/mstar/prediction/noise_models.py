"""Names and sizes of the table of the noise of counts, see `mstar.prediction.count_noise`."""

# How noise is modelled, from least to most measured; and what is measured.
INDEPENDENT = "independent pairs"
BY_ENTRY = "variance of each entry"
ALONG = "noise along features"
MEASURED = "measured"
MODELS = (INDEPENDENT, BY_ENTRY, ALONG)
# Matrices whose largest eigenvalue is compared with the edge.
SHUFFLED = "shuffled words"
FREQUENCY = "shuffled words, frequency"
PAIRS = "halves, pairs independent"
HALVES = "halves of the text"
# A null: signs at random, which leave entries their size and make them independent.
SIGNS = "signs at random"
# Accuracy at a predicted d, over that at the best.
KEPT = "accuracy kept"
# Features that models of independent entries describe, and those of which more is measured.
FEATURES = 400
FOLLOWED = 256
