"""Names of the predictors of word2vec, as tables and figures have them."""

MSTAR, PROP2, RECURSION = "M*", "Proposition 2", "recursion"
# Appended to a predictor whose modes are chosen by |lambda| instead of lambda.
BY_SIZE = " by |λ|"
# What stands beside the predictions: another training run, and random directions.
AGAIN, CHANCE = "second run", "chance"
