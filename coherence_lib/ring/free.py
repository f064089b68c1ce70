r"""The free Ising ring in a field, by its transfer matrix.

.. math::
    \sum_M W_M e^{hM} = \lambda_+^N + \lambda_-^N, \qquad
    \lambda_\pm = e^{\beta J}\Bigl[\cosh h \pm \sqrt{\sinh^2 h + e^{-4\beta J}}\Bigr]

Everything is scaled by the largest exponential, so that no temperature is too low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coherence_lib._types import Bools, Floats


@dataclass(frozen=True)
class TransferMatrix:
    """Scaled pieces of the eigenvalues exp(scale + beta_J) [cosh +- root].

    `ratio` is the smaller one over the larger, lambda_-/lambda_+.
    """

    scale: Floats
    cosh: Floats
    sinh: Floats
    root: Floats
    ratio: Floats

    @property
    def log_larger(self) -> Floats:
        """ln of the larger eigenvalue times exp(-beta_J)."""
        return self.scale + np.log(self.cosh + self.root)

    @property
    def small(self) -> Floats:
        """Distance of |lambda_-/lambda_+| from one, from whichever side the ratio has."""
        return 2 * np.where(self.ratio > 0, self.root, self.cosh) / (self.cosh + self.root)

    @property
    def log_modulus(self) -> Floats:
        """ln |lambda_-/lambda_+|, -inf for J = 0.

        From the distance to one where that is small, else from the ratio itself: the distance
        is a rounding above one where the ratio vanishes.
        """
        small = self.small
        with np.errstate(divide="ignore"):
            return np.where(
                small < 0.5, np.log1p(-np.minimum(small, 0.5)), np.log(np.abs(self.ratio))
            )

    def power(self, n: int) -> tuple[Floats, Floats, Floats]:
        """(lambda_-/lambda_+)^N, and one minus and plus it without cancellation."""
        log_modulus = n * self.log_modulus
        modulus, gap = np.exp(log_modulus), -np.expm1(log_modulus)
        negative = self.negative(n)
        power = np.where(negative, -modulus, modulus)
        return power, np.where(negative, 1 + modulus, gap), np.where(negative, gap, 1 + modulus)

    def negative(self, n: int) -> Bools:
        """Whether (lambda_-/lambda_+)^N is negative; then 1 + it may underflow for J << 0."""
        return (self.ratio < 0) & (n % 2 == 1)

    def share(self, n: int) -> Floats:
        """(1 - |lambda_-/lambda_+|^N) over `small`: N where `small` underflows."""
        small = np.maximum(self.small, np.finfo(float).tiny)
        log_modulus = np.where(small < 0.5, np.log1p(-np.minimum(small, 0.5)), self.log_modulus)
        return -np.expm1(n * log_modulus) / small


def transfer_matrix(beta_J: Floats, h: Floats) -> TransferMatrix:
    """Transfer matrix for coupling `beta_J` and field `h` >= 0, both over temperature."""
    scale = np.maximum(h, -2 * beta_J)
    up, down = np.exp(h - scale), np.exp(-h - scale)
    cosh, sinh = (up + down) / 2, -up * np.expm1(-2 * h) / 2
    wall = np.exp(-2 * beta_J - scale)
    root = np.hypot(sinh, wall)
    # (e^(-2 scale) - wall^2), with the sign of J and exactly zero with it.
    difference = np.sign(beta_J) * np.maximum(np.exp(-2 * scale), wall**2)
    ratio = difference * -np.expm1(-4 * np.abs(beta_J)) / (cosh + root) ** 2
    return TransferMatrix(scale, cosh, sinh, root, ratio)


def log_sum_rule(n: int, beta_J: Floats, h: Floats) -> Floats:
    """ln of sum_M W_M e^(hM) e^(-beta_J N)."""
    matrix = transfer_matrix(beta_J, h)
    _, _, plus = matrix.power(n)
    log_small = h + np.log1p(np.exp(-2 * h)) - matrix.scale - np.log(matrix.cosh + matrix.root)
    with np.errstate(divide="ignore"):
        log_plus = np.where(matrix.negative(n), np.log(matrix.share(n)) + log_small, np.log(plus))
    return n * matrix.log_larger + log_plus


def magnetisation(n: int, beta_J: Floats, h: Floats) -> Floats:
    r"""Mean magnetisation <M> in a field, d/dh of the logarithm of the sum rule."""
    matrix = transfer_matrix(beta_J, h)
    _, minus, plus = matrix.power(n)
    total = matrix.cosh + matrix.root
    with np.errstate(divide="ignore", invalid="ignore"):
        # sinh and plus may underflow together: their ratio is a tanh.
        ratio = np.where(
            matrix.negative(n),
            np.tanh(h) * total / (2 * matrix.share(n)),
            matrix.sinh / plus,
        )
        return np.where(h == 0, 0.0, n * ratio * minus / matrix.root)
