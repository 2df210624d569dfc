"""What CR2 standard errors and their degrees of freedom follow from: sums by cluster.

Bell and McCaffrey (2002), Bias reduction in standard errors for linear regression with
multi-stage samples; Pustejovsky and Tipton (2018), Small-sample methods for cluster-robust
variance estimation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from icanalysis.sampling import Floats, Integers

# Eigenvalues up to this are zero: the tolerance of clubSandwich.
_ZERO = 1e-12
# A share of the variance below this is rounding.
_NONE = 1e-9


@dataclass(frozen=True)
class Sandwich:
    """What standard errors follow from; p columns, G clusters of up to m (rotated) rows.

    With X = U R, V = W U and A the adjustment of each cluster, the coefficient c'b of a sample is
    the sum of a_g'y_g, a_g = A_g V_g R^-T c; padding rows are zero.
    """

    inverse: Floats  # R^-1: shape (p, p)
    u: Floats  # shape (G, m, p)
    v: Floats  # shape (G, m, p)
    adjusted: Floats  # A_g V_g: shape (G, m, p)
    cross: Floats  # V'V: shape (p, p)
    residual: Floats  # shape (G, m)

    @property
    def influence(self) -> Floats:
        """a_g of every coefficient: shape (G, m, p)."""
        return self.adjusted @ self.inverse.T

    @property
    def scores(self) -> Floats:
        """a_g'e_g of every coefficient, whose crossed squares are its variance: shape (G, p)."""
        found: Floats = np.einsum("gmp,gm->gp", self.influence, self.residual)
        return found

    def moments(self, contrasts: Floats) -> tuple[Floats, Floats, Floats]:
        """Parts of the matrices P of contrasts, shape (q, p).

        Under equal independent errors the variance estimate is a quadratic form of as many normal
        variables as there are clusters; P, its matrix, is diag(own) - F J F', J of `_weave`.

        Returns
        -------
        own : ndarray, shape (q, G)
        factors : ndarray, shape (q, G, 2p)
        inside : ndarray, shape (q, G)
            Diagonal of F J F'.
        """
        influence = self.adjusted @ (contrasts @ self.inverse).T
        own = np.einsum("gmq,gmq->qg", influence, influence)
        turned = np.ascontiguousarray(influence.transpose(0, 2, 1))
        across = np.concatenate([turned @ self.u, turned @ self.v], axis=2).transpose(1, 0, 2)
        inside = np.einsum("qgi,qgi->qg", across @ self._weave, across)
        return own, across, inside

    @cached_property
    def _weave(self) -> Floats:
        """[[-V'V, I], [I, 0]]."""
        one = np.eye(len(self.cross))
        return np.block([[-self.cross, one], [one, np.zeros_like(one)]])

    def df(self, contrasts: Floats) -> Floats:
        """Satterthwaite's degrees of freedom of contrasts, shape (q, p): shape (q,)."""
        own, factors, inside = self.moments(contrasts)
        expected = (own - inside).sum(axis=1)
        gram = factors.transpose(0, 2, 1) @ factors @ self._weave
        squares = (
            (own**2).sum(axis=1)
            - 2 * (own * inside).sum(axis=1)
            + np.einsum("qij,qji->q", gram, gram)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > _NONE * own.sum(axis=1), expected**2 / squares, np.nan)

    def seen(self, contrasts: Floats) -> Floats:
        """Share of each contrast, shape (q, p), that stands without any one cluster: shape (q,).

        A direction of U that only one cluster has is fitted by that cluster alone: nothing is
        left there, and its part of the variance cannot show.
        """
        rows = contrasts @ self.inverse
        lost = np.zeros(len(rows))
        crossed = np.einsum("gmp,gmp->g", self.v, self.u)
        # The shares of all clusters in the p directions add up to p: few have a whole one.
        for number in np.flatnonzero(crossed > 1 - _NONE):
            values, vectors = np.linalg.eigh(self.v[number].T @ self.u[number])
            lost += ((rows @ vectors[:, values > 1 - _NONE]) ** 2).sum(axis=1)
        found: Floats = 1 - lost / (rows**2).sum(axis=1)
        return found

    def htz_df(self, contrasts: Floats) -> float:
        """Degrees of freedom of the variance of several contrasts together: eta of HTZ.

        Pustejovsky and Tipton (2018), equation 15 and below.
        """
        own, factors = self._pairs(contrasts)
        expected = np.einsum("stgg->st", own - factors)
        values, vectors = np.linalg.eigh(expected)
        root = (vectors / np.sqrt(values)) @ vectors.T
        own, factors = self._pairs(root @ contrasts)
        pairs = own - factors
        q = len(contrasts)
        spread = np.einsum("stgh,sthg->", pairs, pairs) + np.einsum("ssgh,ttgh->", pairs, pairs)
        return float(q * (q + 1) / spread)

    def _pairs(self, contrasts: Floats) -> tuple[Floats, Floats]:
        """Two parts of P of every pair of contrasts: shape (q, q, G, G) each."""
        influence = self.adjusted @ (contrasts @ self.inverse).T
        _, factors, _ = self.moments(contrasts)
        own = np.einsum("gms,gmt,gh->stgh", influence, influence, np.eye(len(influence)))
        inside = np.einsum("sgi,ij,thj->stgh", factors, self._weave, factors, optimize=True)
        return own, inside


def sandwich(
    basis: Floats,
    inverse: Floats,
    root: Floats,
    residual: Floats,
    clusters: Integers,
    *,
    adjust: bool,
) -> Sandwich:
    """Lay a fitted regression out by cluster.

    Parameters
    ----------
    basis : ndarray, shape (n, p)
        Q of the QR decomposition of X, each row times the root of its weight.
    inverse : ndarray, shape (p, p)
        R^-1.
    root, residual : ndarray, shape (n,)
        Roots of the weights; what the regression leaves.
    clusters : ndarray of int, shape (n,)
        From 0, without gaps.
    adjust : bool
        Whether for CR2; else A is the identity.
    """
    p = basis.shape[1]
    rows = np.hstack([basis / root[:, None], basis * root[:, None], residual[:, None]])
    laid = _by_cluster(rows, clusters, p if (root == root[0]).all() else 2 * p)
    u, v = laid[:, :, :p], laid[:, :, p:-1]
    cross = (basis * (root**2)[:, None]).T @ basis
    adjusted = _adjusted(u, v, cross) if adjust else v
    return Sandwich(inverse, u, v, adjusted, cross, laid[:, :, -1])


def _by_cluster(rows: Floats, clusters: Integers, most: int) -> Floats:
    """Lay rows out by cluster, padded with zeros: shape (G, m, columns).

    A cluster of more than `most` rows, the dimensions that U and V span, is rotated into as few:
    neither the variance nor its degrees of freedom know the difference, and roots of small
    matrices are quick.
    """
    rows = rows[np.argsort(clusters, kind="stable")]
    sizes = np.bincount(clusters)
    laid = np.zeros((len(sizes), min(int(sizes.max()), most), rows.shape[1]))
    for number, (size, end) in enumerate(zip(sizes, np.cumsum(sizes), strict=True)):
        own = rows[end - size : end]
        if size > most:
            turn, _ = np.linalg.qr(own[:, :most])
            own = turn.T @ own
        laid[number, : len(own)] = own
    return laid


def _adjusted(u: Floats, v: Floats, cross: Floats) -> Floats:
    """A_g V_g, where A_g is the inverse root of the variance of a cluster's residuals.

    Under equal independent errors that is I - H - H' + U V'V U', H = U V' (clubSandwich; Bell
    and McCaffrey 2002 without weights: I - H). Where it is singular, the generalised inverse.
    """
    hat = u @ v.transpose(0, 2, 1)
    spread = np.eye(u.shape[1]) - hat - hat.transpose(0, 2, 1) + u @ cross @ u.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(spread)
    root = np.where(values > _ZERO, 1 / np.sqrt(np.maximum(values, _ZERO)), 0.0)
    adjusted: Floats = (vectors * root[:, None, :]) @ (vectors.transpose(0, 2, 1) @ v)
    return adjusted
