"""The equations: weights, losses, flow, closed form, learning times."""
