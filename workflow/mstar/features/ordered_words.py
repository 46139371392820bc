"""Names in the table of words that have an order, as `mstar.features.sequences` and figures use."""

# The texts measured.
WHOLE, WITHOUT = "whole", "without joint windows"
# A null, beside `mstar.features.null_families.RANDOM`.
PERMUTED = "permuted labels"
# Statistics.
NEARER, EXPLAINED = "nearer words co-occur more", "explained by distance"
FIRST_MODE, WINDING = "share of the first mode", "winding"
ALIGNED, PROBED_POSITION = "angles follow the ring", "position from a linear probe"
