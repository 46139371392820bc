"""What rules ask for and read, as functions; no rules here."""


include: "models.smk"
include: "further_models.smk"
include: "text_inputs.smk"
include: "inputs.smk"
include: "sizes.smk"
include: "resources.smk"
include: "prediction_inputs.smk"
include: "cards.smk"
include: "cluster.smk"
