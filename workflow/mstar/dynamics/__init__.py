"""The equations of training: weights, losses, flow, closed form, learning times."""
