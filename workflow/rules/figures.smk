"""One file for each figure, in the paper's order; then those that it left unpublished."""


include: "figures/fig1.smk"
include: "figures/fig2.smk"
include: "figures/fig3a.smk"
include: "figures/fig3b.smk"
include: "figures/fig4.smk"
include: "figures/fig5.smk"
include: "figures/fig6.smk"
include: "figures/fig7.smk"
include: "figures/fig8.smk"
include: "figures/spectra.smk"
include: "figures/participation.smk"
