"""Systems whose time evolution is known in closed form; every route runs against all of them.

Each system has a `cluster`, an `nbar`, an initial state `rho0`, the solution `states(times)`
and the `methods` that are valid for it.
"""

from dataclasses import dataclass, field
from functools import reduce

import mpmath
import numpy as np
from states import projector, random_state

from coherence_lib.atoms import AtomCluster

EVERYWHERE = ("auto", "full")
WITHIN_BLOCKS = ("auto", "blocks", "krylov", "full")
PAIR_FROM_GROUND = ("auto", "closed", "ladder", "blocks", "krylov", "full")


def one_atom(rho0, nbar, gamma0, times):
    """Populations relax at (2 nbar + 1) gamma0, coherences at half of that."""
    relaxed = -np.expm1(-(2 * nbar + 1) * gamma0 * times)
    p_e = rho0[0, 0] + (nbar / (2 * nbar + 1) - rho0[0, 0]) * relaxed
    rho_eg = rho0[0, 1] * np.exp(-(2 * nbar + 1) * gamma0 * times / 2)
    rho = np.array([[p_e, rho_eg], [rho_eg.conj(), 1 - p_e]])
    return np.moveaxis(rho, -1, 0)


def eq_5(t, nbar, gamma0=1):
    """Eq. (I.5) as it is printed, with 50 digits because its terms cancel at short times."""
    with mpmath.workdps(50):
        t, n, gamma0 = mpmath.mpf(t), mpmath.mpf(nbar), mpmath.mpf(gamma0)
        if n == 0:
            return mpmath.mpf(0)
        a, b = 2 * gamma0 * (2 * n + 1), 2 * gamma0 * mpmath.sqrt(n * (n + 1))
        root = mpmath.sqrt(n * (n + 1))
        bracket = (n + 1) * root * mpmath.cosh(b * t) - n**2 * mpmath.sinh(b * t)
        denominator = 3 * n * (n + 1) + 1
        return n * (n + 1) / denominator - n * mpmath.exp(-a * t) * bracket / (denominator * root)


@dataclass(frozen=True)
class SingleAtom:
    """One atom in a thermal bath, from a state with a complex coherence."""

    nbar: float
    gamma0: float = 1.0
    rho0: np.ndarray = field(default_factory=lambda: random_state(np.random.default_rng(1), 2))
    methods = EVERYWHERE

    @property
    def cluster(self):
        return AtomCluster.collective(1, gamma0=self.gamma0)

    def states(self, times):
        return one_atom(self.rho0, self.nbar, self.gamma0, times)


@dataclass(frozen=True)
class CollectivePair:
    """Two atoms at one place that start in the ground state: Eq. (I.5), whatever f is."""

    nbar: float
    f0: float = 0.0
    gamma0: float = 1.0
    methods = PAIR_FROM_GROUND

    @property
    def cluster(self):
        return AtomCluster.collective(2, f0=self.f0, gamma0=self.gamma0)

    @property
    def rho0(self):
        return projector(0, 0, 0, 1)

    def states(self, times):
        rho = np.zeros((len(times), 4, 4), complex)
        for k, t in enumerate(times):
            p_t, p_ee = self._excited(t)
            rho[k, 1:3, 1:3] = float(p_t / 2)
            rho[k, 0, 0], rho[k, 3, 3] = float(p_ee), float(1 - p_t - p_ee)
        return rho

    def _excited(self, t):
        """p_T from Eq. (I.5), p_ee from the ladder's rate equations."""
        with mpmath.workdps(50):
            up, down = 2 * mpmath.mpf(self.nbar), 2 * (mpmath.mpf(self.nbar) + 1)
            rates = mpmath.matrix([[-up, down, 0], [up, -up - down, down], [0, up, -down]])
            p = mpmath.expm(rates * mpmath.mpf(t) * self.gamma0)[:, 0]
            p_t = eq_5(t, self.nbar, self.gamma0)
            assert abs(p[1] - p_t) < mpmath.mpf("1e-30")
            return p_t, p[2]


@dataclass(frozen=True)
class DipolePair:
    """Two atoms without a bath: H_d alone turns |eg> and |ge> into each other."""

    f0: float
    nbar: float = 0.0
    rho0: np.ndarray = field(default_factory=lambda: random_state(np.random.default_rng(2), 4))
    methods = EVERYWHERE

    @property
    def cluster(self):
        return AtomCluster([[0, self.f0], [self.f0, 0]], np.zeros((2, 2)))

    def states(self, times):
        turn = np.zeros((len(times), 4, 4), complex)
        turn[:, 0, 0] = turn[:, 3, 3] = 1
        turn[:, 1, 1] = turn[:, 2, 2] = np.cos(self.f0 * times)
        turn[:, 1, 2] = turn[:, 2, 1] = -1j * np.sin(self.f0 * times)
        return turn @ self.rho0 @ turn.conj().swapaxes(1, 2)


@dataclass(frozen=True)
class FarAtoms:
    """Atoms that share nothing: the product of what each does alone."""

    nbar: float
    n_atoms: int = 2
    gamma0: float = 1.0
    methods = EVERYWHERE

    @property
    def cluster(self):
        return AtomCluster(np.zeros((self.n_atoms,) * 2), self.gamma0 * np.eye(self.n_atoms))

    @property
    def _each(self):
        rng = np.random.default_rng(3)
        return [random_state(rng, 2) for _ in range(self.n_atoms)]

    @property
    def rho0(self):
        return reduce(np.kron, self._each)

    def states(self, times):
        each = [one_atom(rho, self.nbar, self.gamma0, times) for rho in self._each]
        return np.array([reduce(np.kron, at_one_time) for at_one_time in zip(*each, strict=True)])


@dataclass(frozen=True)
class Superradiance:
    """Dicke's cascade |ee> -> |T> -> |gg> without photons: p_T = 2 gamma0 t exp(-2 gamma0 t)."""

    f0: float = 0.0
    gamma0: float = 1.0
    nbar: float = 0.0
    methods = WITHIN_BLOCKS

    @property
    def cluster(self):
        return AtomCluster.collective(2, f0=self.f0, gamma0=self.gamma0)

    @property
    def rho0(self):
        return projector(1, 0, 0, 0)

    def states(self, times):
        x = 2 * self.gamma0 * times
        rho = np.zeros((len(times), 4, 4), complex)
        rho[:, 0, 0] = np.exp(-x)
        rho[:, 1:3, 1:3] = (0.5 * x * np.exp(-x))[:, None, None]
        rho[:, 3, 3] = 1 - (1 + x) * np.exp(-x)
        return rho


@dataclass(frozen=True)
class DarkSinglet:
    """(|S> + i|gg>)/sqrt 2 without photons: nothing decays, H_d turns the coherence at f."""

    f0: float
    nbar: float = 0.0
    methods = EVERYWHERE

    @property
    def cluster(self):
        return AtomCluster.collective(2, f0=self.f0)

    @property
    def rho0(self):
        return self.states(np.zeros(1))[0]

    def states(self, times):
        singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
        # The singlet's energy is -f for f > 0.
        psi = np.exp(1j * self.f0 * times)[:, None] * singlet + np.array([0, 0, 0, 1j])
        return 0.5 * psi[:, :, None] * psi[:, None, :].conj()


@dataclass(frozen=True)
class SharedPhoton:
    """|eg> without photons at gamma_12 < gamma0: the two halves decay at gamma0 +- gamma_12."""

    f0: float
    gamma_12: float
    nbar: float = 0.0
    methods = WITHIN_BLOCKS

    @property
    def cluster(self):
        return AtomCluster([[0, self.f0], [self.f0, 0]], [[1, self.gamma_12], [self.gamma_12, 1]])

    @property
    def rho0(self):
        return projector(0, 1, 0, 0)

    def states(self, times):
        symmetric = np.exp(-(0.5 * (1 + self.gamma_12) + 1j * self.f0) * times)
        singlet = np.exp(-(0.5 * (1 - self.gamma_12) - 1j * self.f0) * times)
        psi = np.zeros((len(times), 4), complex)
        psi[:, 1], psi[:, 2] = 0.5 * (symmetric + singlet), 0.5 * (symmetric - singlet)
        rho = psi[:, :, None] * psi[:, None, :].conj()
        rho[:, 3, 3] = 1 - np.sum(np.abs(psi) ** 2, axis=1)
        return rho


SYSTEMS = [
    *(SingleAtom(nbar) for nbar in (0.0, 1e-6, 0.7, 1e3)),
    SingleAtom(0.7, gamma0=3.0),
    *(CollectivePair(nbar) for nbar in (0.0, 1e-6, 0.7, 1e3)),
    CollectivePair(0.7, f0=-1e4),
    CollectivePair(2.0, f0=1.0, gamma0=0.25),
    DipolePair(0.9),
    DipolePair(1e4),
    DipolePair(-2.0, nbar=5.0),
    FarAtoms(0.0),
    FarAtoms(1e3),
    FarAtoms(0.7, n_atoms=3),
    FarAtoms(0.7, n_atoms=4),
    Superradiance(),
    Superradiance(f0=1e4, gamma0=2.0),
    DarkSinglet(-3.0),
    DarkSinglet(1e4),
    SharedPhoton(0.0, 0.99),
    SharedPhoton(1e4, 0.9999),
    SharedPhoton(-5.0, -0.5),
]
