"""Fluctuations of QWEM about the fixed point of its flow due to minibatch noise, to first order.

A step of flow time h adds h D to W, where D is the mean over ``batch`` pairs of each kind (see
`mstar.training.sgd`). So W diffuses with covariance (h / batch) Sigma per flow time, where Sigma is
the covariance of one positive pair's pull plus that of one negative pair's. Near the fixed point
W = V S U^T of the quartic loss under Setting 3.1:

- s_k relaxes at the rate lambda_k = s_k^2, d(ds_k)/dt = -lambda_k ds_k, and diffuses with the
  variance sigma_k^2 = (v_k u_k^T) Sigma (v_k u_k^T), so Var(s_k) = (h / batch) sigma_k^2 / (2
  lambda_k). Relative fluctuations scale as the square root of h / batch.
- In the stationary state the mean of the loss L of `mstar.dynamics.losses` is constant. The flow
  dW/dt = -(1/2) grad L changes it by -(1/2) |grad L|^2, the noise by (h / 2 batch) tr(H Sigma),
  where H is the Hessian. Summed over directions, the mean of L exceeds its minimum by
  (h / 2 batch) tr(Sigma), independent of H; rotations of the embedding, along which H is zero,
  contribute little. The excess scales as h / batch.

h / batch is proportional to learning rate / batch, called the noise scale in this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from mstar.counts.targets import Probabilities
from mstar.dynamics import losses, schedule, weightings
from mstar.dynamics.losses import Loss
from mstar.dynamics.weightings import Weights
from mstar.machine.arrays import Array


def covariances(
    p: Probabilities, loss: Loss, weights: Weights, w: Array, modes: int
) -> tuple[Array, float]:
    """Return sigma_k^2 (modes,) of the leading singular values, and tr(Sigma), at ``w`` (V, d).

    They are defined for any loss and weighting. A pair (i, j) of weight q pulls row i by c w_j and
    row j by c w_i, with c = (q - |q| (r(x_ij) - r(0))) / 2, and hence s_k by 2 c s_k v_ik v_jk.
    """
    left, values, _ = np.linalg.svd(w, full_matrices=False)
    left, values = left[:, :modes], values[:modes]
    pulled = loss.slope(torch.from_numpy(w @ w.T)).numpy() - loss.origin
    joint, independent = p.symmetric(p.joint), np.outer(p.unigram, p.unigram)
    # A, or B, is law * |q|. With r measured from r(0), mean c is 0.5 A (1 - r), or -0.5 B (1 + r),
    # and the mean of c^2 is its square divided by the law.
    means, second = [], np.zeros_like(pulled)
    for law, share, sign in ((joint, weights.positive, 1.0), (independent, weights.negative, -1.0)):
        mean = 0.5 * share * (sign - pulled)
        means.append(mean)
        second += np.divide(mean**2, law, out=np.zeros_like(mean), where=law > 0)
    squares = left**2
    along = np.einsum("ik,ik->k", squares, second @ squares)
    for mean in means:
        along -= np.einsum("ik,ik->k", left, mean @ left) ** 2
    norms = np.einsum("id,id->i", w, w)
    # Both rows of a pair move; a pair (i, i) moves its row twice as far.
    trace = 2.0 * float(second.sum(axis=0) @ norms) + 2.0 * float(second.diagonal() @ norms)
    trace -= sum(float(((2.0 * mean @ w) ** 2).sum()) for mean in means)
    return 4.0 * values**2 * along, trace


def at_rest(
    p: Probabilities, settings: Mapping[str, Any], w: Array, modes: int = 10
) -> pd.DataFrame:
    """Return the effect of minibatch noise on a run at its fixed point ``w`` (V, d).

    Args:
        p: pair and word probabilities.
        settings: settings of a sampled run with the quartic loss under Setting 3.1; learning rate
            and batch are not used.
        w: (V, d) fixed point.
        modes: number of leading singular values.

    Returns:
        Columns quantity, mode (from 1; 0 for the loss) and slope. The slope is the mean square of
        the relative fluctuation of each ``singular value``, or the mean excess of the normalised
        ``loss``, divided by the noise scale learning rate / batch.

    Raises:
        ValueError: another loss or weighting, whose modes do not relax at the rates s_k^2.
    """
    weights, loss = weightings.configured(p, settings), losses.named(settings["loss"])
    if not (loss.linear and weights.constant):
        raise ValueError("the noise at rest is known for the quartic loss under Setting 3.1 alone")
    unit = {**settings["sgd"], "learning_rate": 1.0}
    step = schedule.step_size(loss, weights, p, {**settings, "sgd": unit})
    along, trace = covariances(p, loss, weights, w, modes)
    squares = np.linalg.svd(w, compute_uv=False)[:modes] ** 2
    span = loss.drop(weights)
    rows = [("singular value", k, step * a / (2.0 * s**2)) for k, (a, s) in
            enumerate(zip(along, squares, strict=True), start=1)]  # fmt: skip
    rows.append(("loss", 0, step * trace / (2.0 * span)))
    return pd.DataFrame(rows, columns=["quantity", "mode", "slope"])
