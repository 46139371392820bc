"""Losses of word2vec-like models, one class each, which holds all that is specific to the loss.

With the pair weights A, B and G = A + B of `mstar.dynamics.weightings` and x = W W^T, a loss is

    L = sum_ij [ G (R(x) - R(0)) - T x ],    T = A - B + r(0) G,    r = R',

and flow time is defined by

    dW/dt = -(1/2) grad L = K(x) W,    K = T - G r(x).

So every loss starts with the linear growth rates mu_k, the eigenvalues of A - B; Setting 3.1 with
G = 1 and the quartic loss gives A - B = M*/2 and the paper's dW/dt = (M* - W W^T) W / 2.

    sgns      R = 2 log(1 + e^x)    r = 2 sigma(x)    L = 2 sum_ij [ A log(1 + e^{-x})
                                                            + B log(1 + e^{x}) - G log 2 ]   (Eq. 1)
    quartic   R = x^2/4             r = x/2           L = sum_ij [ A (x^2/4 - x)
                                                            + B (x^2/4 + x) ]                (Eq. 3)

The factor two makes the quartic loss the Taylor expansion of the sgns loss.

The names of the losses are needed where neither torch nor numba is installed, so this module
imports neither. Methods take torch tensors, except `Loss.pull`, which numba compiles.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from mstar.dynamics.weightings import Weights
from mstar.files.writing import UserError
from mstar.machine.arrays import Array, Matrix, library


class Loss(ABC):
    """A loss of the form given in the docstring of this module.

    Attributes:
        name: name in the configuration.
        about: a few words for the description of the configuration.
        gain: r(x) divided by the result of `response_`.
        origin: r(0).
        multiple: L divided by the loss that the authors minimise.
        linear: whether r is linear, so that a constant G needs no V x V product.
    """

    name: ClassVar[str]
    about: ClassVar[str] = ""
    gain: ClassVar[float]
    origin: ClassVar[float] = 0.0
    multiple: ClassVar[float] = 1.0
    linear: ClassVar[bool] = False

    @abstractmethod
    def response_(self, x: Matrix) -> Matrix:
        """Replace the tensor ``x`` by r(x) / gain, possibly in place, and return it."""

    @abstractmethod
    def potential(self, x: Matrix) -> Matrix:
        """Return (R(x) - R(0)) / gain."""

    @abstractmethod
    def curvature(self, x: Matrix) -> Matrix:
        """Return r'(x)."""

    @abstractmethod
    def target(self, weights: Weights) -> Array:
        """Return the unconstrained minimum x* (V, V), where G r(x*) = T."""

    @abstractmethod
    def drop(self, weights: Weights) -> float:
        """Return L(0) - L(x*), the decrease of the loss without constraints on x."""

    @staticmethod
    @abstractmethod
    def pull(x: Any, q: Any) -> Any:
        """Return c = (q - |q| (r(x) - r(0))) / 2 of one pair, in float32.

        A pair (i, j) with x = w_i . w_j adds c w_j to the step of row i and c w_i to that of row j.
        Its weight q is positive for a pair seen together and negative for a negative sample. numba
        compiles this function into `mstar.training.sgd`, so it may use only numpy's scalar
        functions and float32 constants. `mstar.training.sgd_kernels` has a version for Triton.
        """

    def value(self, x: Matrix) -> Matrix:
        """Return R(x) - R(0)."""
        return self.gain * self.potential(x)

    def slope(self, x: Matrix) -> Matrix:
        """Return r(x)."""
        return self.gain * self.response_(x.clone())

    def linear_term(self, weights: Weights) -> Array:
        """Return T (V, V)."""
        if not self.origin:
            return weights.difference
        return weights.difference + self.origin * weights.total

    def entries(self, x: Matrix, scaled: Matrix, linear_term: Matrix) -> Matrix:
        """Return the terms of L, given ``scaled`` = gain * G and T in the shape of ``x``."""
        return self.potential(x).mul_(scaled).addcmul_(linear_term, x, value=-1.0)


class Sgns(Loss):
    """Skip-gram with negative sampling, the loss of word2vec (Eq. 1, doubled)."""

    name = "sgns"
    about = "word2vec's"
    gain = 2.0
    origin = 1.0
    multiple = 2.0

    def response_(self, x: Matrix) -> Matrix:
        """Replace ``x`` by sigma(x), in place, and return it."""
        return x.sigmoid_()

    def potential(self, x: Matrix) -> Matrix:
        """Return log(1 + e^x) - log 2."""
        return library(x).nn.functional.softplus(x).sub_(float(np.log(2.0)))

    def curvature(self, x: Matrix) -> Matrix:
        """Return 2 sigma(x) sigma(-x)."""
        return 2.0 * x.sigmoid() * (-x).sigmoid()

    def target(self, weights: Weights) -> Array:
        """Return log(A/B) (Eq. 2), -inf for a pair never seen together."""
        with np.errstate(divide="ignore"):
            return np.log(weights.positive) - np.log(weights.negative)

    def drop(self, weights: Weights) -> float:
        """Return 2 sum_ij [ G log 2 - A log(G/A) - B log(G/B) ], where 0 log 0 = 0."""
        total = weights.total
        entropy = np.zeros_like(total)
        for part in (weights.positive, weights.negative):
            seen = part > 0
            entropy[seen] += part[seen] * np.log(total[seen] / part[seen])
        return 2.0 * float((total * np.log(2.0) - entropy).sum())

    @staticmethod
    def pull(x: Any, q: Any) -> Any:
        """Return q sigma(-x) for a positive pair, q sigma(x) for a negative one."""
        return q / (np.float32(1.0) + np.exp(x if q > 0 else -x))


class Quartic(Loss):
    """The expansion of `Sgns` to second order in x, fourth order in W (Eq. 3)."""

    name = "quartic"
    about = "its fourth-order expansion"
    gain = 0.5
    linear = True

    def response_(self, x: Matrix) -> Matrix:
        """Return ``x`` unchanged."""
        return x

    def potential(self, x: Matrix) -> Matrix:
        """Return x^2/2."""
        return 0.5 * x * x

    def curvature(self, x: Matrix) -> Matrix:
        """Return 1/2."""
        return library(x).full_like(x, 0.5)

    def target(self, weights: Weights) -> Array:
        """Return 2 (A - B) / G."""
        return 2.0 * weights.difference / weights.total

    def drop(self, weights: Weights) -> float:
        """Return sum_ij (A - B)^2 / G."""
        return float((weights.difference**2 / weights.total).sum())

    def entries(self, x: Matrix, scaled: Matrix, linear_term: Matrix) -> Matrix:
        """Return x (G x/4 - (A - B)), with one product fewer than in the general case."""
        return (x * scaled).mul_(0.5).sub_(linear_term).mul_(x)

    @staticmethod
    def pull(x: Any, q: Any) -> Any:
        """Return (q - |q| x/2) / 2."""
        return np.float32(0.5) * (q - np.float32(0.5) * abs(q) * x)


LOSSES: dict[str, type[Loss]] = {loss.name: loss for loss in (Sgns, Quartic)}


def named(name: str) -> Loss:
    """Return the loss of that name.

    Raises:
        UserError: ``name`` is not among `LOSSES`.
    """
    if name not in LOSSES:
        raise UserError(f"loss {name!r}: expected one of {', '.join(LOSSES)}")
    return LOSSES[name]()
