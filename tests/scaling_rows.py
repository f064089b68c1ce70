"""How the result of every public function scales with the unit of energy.

A row is `name: (power, call)`. `call(s, p)` calls the function in a unit s times smaller:
energies, rates and temperatures of the parameters `p` times s, times over s. Its result is
s**power times what it is for s = 1; a tuple of powers belongs to a tuple of results.
"""

from dataclasses import dataclass

import numpy as np
from states import random_state

from coherence_lib import atoms, harvest, measures, ring, sweep, thermal
from coherence_lib.ring import SourceGraph, SourceRing, bounds, transition


@dataclass(frozen=True)
class Parameters:
    """Ordinary values of everything that the rows need, drawn with one seed."""

    seed: int

    def __post_init__(self):
        rng = np.random.default_rng(self.seed)
        signs = rng.choice([-1, 1], 3)
        values = {
            "omega": 10 ** rng.uniform(-1, 1),
            "omega_a": signs[0] * 10 ** rng.uniform(-1, 1),
            "gamma": signs[1] * 10 ** rng.uniform(-2, 1),
            "J": signs[2] * 10 ** rng.uniform(-2, 1),
            "T": 10 ** rng.uniform(-1, 1.5, 4),
            "rate": 10 ** rng.uniform(-1, 1),
            "g_tau": 10 ** rng.uniform(-2, 0),
            "nbar": 10 ** rng.uniform(-2, 2),
            "times": np.concatenate([[0.0], np.sort(10 ** rng.uniform(-2, 1, 4))]),
            "n": int(rng.integers(2, 8)),
            "pair": random_state(rng, 4),
            "qubit": random_state(rng, 2),
            "positions": rng.normal(size=(3, 3)),
            "dipole": rng.normal(size=3),
            "triple": random_state(rng, 8),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def ring(self, s, n=None):
        return SourceRing(n or self.n, self.omega_a * s, self.gamma * s, self.J * s, self.omega * s)

    def cluster(self, s):
        return atoms.AtomCluster.from_positions(self.positions, self.dipole, self.rate * s)

    def pair_of_atoms(self, s):
        return atoms.AtomCluster.collective(2, self.J * s, self.rate * s)

    def row(self, s):
        """Three atoms that share every photon, in a row: their hoppings differ."""
        f = self.J * s * np.array([[0, 1, 0.3], [1, 0, 1], [0.3, 1, 0]])
        return atoms.AtomCluster(f, np.full((3, 3), self.rate * s))

    def couplings(self, s):
        return self.gamma * s, self.J * s, self.omega * s


def of_ring(function, **options):
    """A function of a ring and temperatures, T = 0 and infinity too where `cold`."""
    return lambda s, p: function(p.ring(s), p.T * s, **options)


def extrema(s, p):
    # Antiferromagnetic and near the crossing: there are some.
    n, gap = 6, transition.critical_gap(6, 0.2 * s, -0.25 * s, s)
    found = transition.extrema(SourceRing(n, 0.9 * gap, 0.2 * s, -0.25 * s, s))
    return (np.array([e.temperature for e in found]), np.array([e.coherence for e in found]))


def optimum(s, p):
    source = SourceRing(6, 0.5 * s, 0.2 * s, -(0.2 + 0.001 * p.n) * s, s)
    best = transition.optimal_temperature(source)
    return best.temperature, best.coherence


def ground_state(s, p):
    g = transition.ground_state(p.ring(s))
    return g.energy, np.array([g.magnetisation, g.degeneracy, hash(g.phase)], dtype=float)


def graph(s, p):
    """Ground energy, coherence and its slope of four sources around a fifth, and a loose bond."""
    star = SourceGraph(
        [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2)],
        p.omega_a * s,
        p.gamma * s,
        p.J * s * np.array([1, 1, 1, -1, 0.3]),
        p.omega * s,
    )
    cold = np.append(p.T * s, [0.0, np.inf])
    energy = transition.ground_state(star).energy
    return energy, ring.coherence(star, cold), transition.slope(star, p.T * s)


def levels(s, p):
    table = p.ring(s).levels()
    return table.energies, np.array(table.degeneracies, dtype=float)


def coefficients(s, p):
    c = harvest.beam_coefficients(p.pair)
    return np.array([c.r_e, c.r_d, c.lam, c.eps])


def cooler(pair):
    """The pair, or the inverted one where it would invert the qubit."""
    c = harvest.beam_coefficients(pair)
    return pair if c.r_d > c.r_e else pair[::-1, ::-1]


def bath(s, p):
    b = harvest.squeezed_bath(cooler(p.pair), p.rate * s, p.g_tau)
    return b.gamma, np.array([b.N, b.M, b.N_th, b.r, b.phi])


ROWS = {
    "thermal.photon_number": (0, lambda s, p: thermal.photon_number(p.omega * s, p.T * s)),
    "thermal.temperature": (1, lambda s, p: thermal.temperature(p.nbar, p.omega * s)),
    "thermal.qubit_temperature": (1, lambda s, p: thermal.qubit_temperature(0.2, p.omega * s)),
    # The rings' T = 0 is where levels count as degenerate or not.
    "measures.ergotropy": (1, lambda s, p: measures.ergotropy(p.qubit, p.omega * s)),
    "ring.SourceRing": (1, lambda s, p: np.array([p.ring(s).omega, p.ring(s).J])),
    "ring.SourceGraph": ((1, 0, -1), graph),
    "ring.SourceRing.hamiltonian": (1, lambda s, p: p.ring(s).hamiltonian().full()),
    "ring.SourceRing.gibbs_state": (
        (0, 0),
        lambda s, p: (
            p.ring(s, 3).gibbs_state(p.T[0] * s).full(),
            p.ring(s, 3).gibbs_state(0.0).full(),
        ),
    ),
    "ring.SourceRing.levels": ((1, 0), levels),
    "ring.coherence": (
        0,
        lambda s, p: ring.coherence(p.ring(s), np.append(p.T * s, [0.0, np.inf])),
    ),
    "ring.incoherence": (
        0,
        lambda s, p: ring.incoherence(p.ring(s), np.append(p.T * s, [0.0, np.inf])),
    ),
    "ring.local_coherence": (
        0,
        lambda s, p: ring.local_coherence(
            p.T * s, [2, 3, 6, 700], p.omega_a * s, p.gamma * s, p.J * s, p.omega * s
        ),
    ),
    "ring.target_state": (
        0,
        lambda s, p: ring.target_state(p.ring(s), np.append(p.T * s, [0.0, np.inf])),
    ),
    "ring.log_partition_function": (0, of_ring(ring.log_partition_function)),
    "ring.bounds.free_magnetisation": (
        0,
        lambda s, p: bounds.free_magnetisation(p.ring(s), np.append(p.T * s, [0.0, np.inf])),
    ),
    "ring.bounds.ground_state_coherence": (
        0,
        lambda s, p: bounds.ground_state_coherence(p.ring(s)),
    ),
    "ring.bounds.high_temperature": (0, of_ring(bounds.high_temperature)),
    "ring.bounds.large_gap_limit": (0, of_ring(bounds.large_gap_limit)),
    "ring.bounds.lower_bound": (0, of_ring(bounds.lower_bound)),
    "ring.bounds.strong_coupling_limit": (0, of_ring(bounds.strong_coupling_limit)),
    "ring.bounds.upper_bound": (0, of_ring(bounds.upper_bound)),
    "ring.bounds.upper_bound_high_temperature": (
        0,
        of_ring(bounds.upper_bound_high_temperature),
    ),
    "ring.bounds.weak_coupling_limit": (0, of_ring(bounds.weak_coupling_limit)),
    "ring.transition.critical_coupling": (
        1,
        lambda s, p: transition.critical_coupling(
            [2, 3, 8], p.gamma * s, p.omega_a * s, p.omega * s
        ),
    ),
    "ring.transition.critical_gap": (
        1,
        lambda s, p: transition.critical_gap([2, 3, 8], *p.couplings(s)),
    ),
    "ring.transition.extrema": ((1, 0), extrema),
    "ring.transition.ground_state": ((1, 0), ground_state),
    "ring.transition.optimal_temperature": ((1, 0), optimum),
    "ring.transition.slope": (-1, of_ring(transition.slope)),
    "harvest.beam_coefficients": (0, coefficients),
    "harvest.beam_evolve": (
        0,
        lambda s, p: harvest.beam_evolve(p.pair, p.qubit, p.rate * s, p.g_tau, p.times / s),
    ),
    "harvest.beam_liouvillian": (
        (1, 1),
        lambda s, p: (
            harvest.beam_liouvillian(p.pair, p.rate * s, p.g_tau),
            harvest.beam_liouvillian(p.pair, p.rate * s, p.g_tau, order=2),
        ),
    ),
    "harvest.bloch_equations": (
        (1, 1),
        lambda s, p: harvest.bloch_equations(p.pair, p.rate * s, p.g_tau),
    ),
    "harvest.bloch_steady_state": (
        0,
        lambda s, p: harvest.bloch_steady_state(p.pair, p.rate * s, p.g_tau),
    ),
    "harvest.effective_temperature": (
        1,
        lambda s, p: harvest.effective_temperature(p.pair, p.omega * s),
    ),
    "atoms.AtomCluster": (1, lambda s, p: p.cluster(s).gamma),
    "atoms.AtomCluster.collective": (1, lambda s, p: p.pair_of_atoms(s).gamma),
    "atoms.AtomCluster.decay_channels": (
        (1, 0),
        lambda s, p: (p.cluster(s).decay_channels()[0], np.abs(p.cluster(s).decay_channels()[1])),
    ),
    "atoms.AtomCluster.from_positions": (
        (1, 1),
        lambda s, p: (
            atoms.AtomCluster.from_positions(p.positions, p.dipole, s).f,
            atoms.AtomCluster.from_positions(p.positions, p.dipole, s).gamma,
        ),
    ),
    "atoms.AtomCluster.hamiltonian": (1, lambda s, p: p.cluster(s).hamiltonian().full()),
    "atoms.AtomCluster.jump_operators": (
        0.5,
        lambda s, p: np.abs([jump.full() for jump in p.cluster(s).jump_operators(p.nbar)]),
    ),
    "atoms.AtomCluster.liouvillian": (1, lambda s, p: p.cluster(s).liouvillian(p.nbar).full()),
    "atoms.coherence": (
        (0, 0),
        # Beside 1, since all of it may be a rounding of zero.
        lambda s, p: (
            np.append(atoms.coherence(p.cluster(s), p.times / s, p.nbar), 1),
            np.append(atoms.coherence(p.cluster(s), p.times / s, p.nbar, rho0=p.triple), 1),
        ),
    ),
    "atoms.evolve": (0, lambda s, p: atoms.evolve(p.cluster(s), p.triple, p.times / s, p.nbar)),
    "atoms.symmetry.automorphisms": (
        0,
        lambda s, p: np.array(atoms.symmetry.automorphisms(p.row(s).f).orbit_counts, float),
    ),
    "atoms.symmetry.long_time_coherence": (
        0,
        lambda s, p: atoms.symmetry.long_time_coherence(p.row(s).f, p.nbar),
    ),
    "atoms.symmetry.reached": (
        0,
        lambda s, p: np.array(atoms.symmetry.reached(p.row(s).f), float),
    ),
    "atoms.dipole_couplings": (
        (1, 1),
        lambda s, p: atoms.dipole_couplings(p.positions, p.dipole, p.rate * s),
    ),
    "atoms.ladder.coherence": (
        0,
        lambda s, p: atoms.ladder.coherence(p.times / s, p.n, p.nbar, p.rate * s),
    ),
    "atoms.ladder.populations": (
        0,
        lambda s, p: atoms.ladder.populations(p.times / s, p.n, p.nbar, p.rate * s),
    ),
    "atoms.long_time_coherence": (
        (0, 0, 0),
        lambda s, p: (
            atoms.long_time_coherence(p.cluster(s), p.nbar, p.triple),
            atoms.long_time_coherence(p.pair_of_atoms(s), p.nbar, p.pair),
            atoms.long_time_coherence(p.row(s), p.nbar),
        ),
    ),
    "atoms.pair.coherence_from_ground": (
        0,
        lambda s, p: atoms.pair.coherence_from_ground(p.times / s, p.nbar, p.rate * s),
    ),
    "atoms.pair.evolve": (
        0,
        lambda s, p: atoms.pair.evolve(p.pair, p.times / s, p.nbar, p.J * s, p.rate * s),
    ),
    "atoms.pair.populations_from_ground": (
        0,
        lambda s, p: atoms.pair.populations_from_ground(p.times / s, p.nbar, p.rate * s),
    ),
    "atoms.pair.unitary_elements": (
        0,
        lambda s, p: atoms.pair.unitary_elements(p.pair, p.J * s, p.times / s),
    ),
    "atoms.pair.rates": (
        1,
        lambda s, p: atoms.pair.rates(0.1 * p.rate * s, p.nbar, p.J * s, p.rate * s),
    ),
    "atoms.pair.slow_rate": (
        1,
        lambda s, p: atoms.pair.slow_rate(0.1 * p.rate * s, p.nbar, p.rate * s),
    ),
    "atoms.pair.time_integral": (
        -1,
        lambda s, p: atoms.pair.time_integral(0.1 * p.rate * s, p.nbar, p.rate * s),
    ),
    "atoms.missing_decay": (1, lambda s, p: atoms.missing_decay(p.positions, p.dipole, s)),
    "atoms.slow_rates": (1, lambda s, p: atoms.slow_rates(p.pair_of_atoms(s), p.nbar)),
    "atoms.relaxation_rates": (
        (1, 1),
        lambda s, p: (
            atoms.relaxation_rates(p.cluster(s), p.nbar),
            atoms.relaxation_rates(p.pair_of_atoms(s), p.nbar),
        ),
    ),
    "atoms.route": (0, lambda s, p: atoms.route(p.cluster(s)).bytes),
    "atoms.steady_state": (
        (0, 0, 0),
        lambda s, p: (
            atoms.steady_state(p.cluster(s), p.nbar),
            atoms.steady_state(p.row(s), p.nbar, atoms.ground_state(3)),
            atoms.steady_state(p.row(s), 0.0, p.triple),
        ),
    ),
    # Energies times rates.
    "harvest.heat_current": (
        2,
        lambda s, p: harvest.heat_current(p.pair, p.qubit, p.rate * s, p.g_tau, p.omega * s),
    ),
    "harvest.power": (
        2,
        lambda s, p: harvest.power(p.pair, p.qubit, p.rate * s, p.g_tau, p.omega * s),
    ),
    "harvest.random_arrivals": (
        (0, 0),
        lambda s, p: harvest.random_arrivals(
            # A power of two scales exactly, and so do the numbers that are drawn.
            p.pair,
            p.qubit,
            p.rate * 2.0 ** np.rint(np.log2(s)),
            p.g_tau,
            p.times / 2.0 ** np.rint(np.log2(s)),
            n_runs=5,
        ),
    ),
    "harvest.squeezed_bath": ((1, 0), bath),
    "sweep.sweep": (
        1,
        lambda s, p: sweep.sweep(
            thermal.temperature, nbar=[p.nbar, 2.0], omega=[p.omega * s, s], progress=False
        ),
    ),
}

# Nothing that these take or return has a unit.
UNIT_FREE = {
    "atoms.AtomCluster.lowering_operators",
    "atoms.ground_state",
    "atoms.ladder.long_time_coherence",
    "atoms.ladder.steady_populations",
    "atoms.pair.long_time_coherence",
    "atoms.sectors",
    "atoms.thermal_state",
    "measures.flip_flop_coherence",
    "measures.l1_coherence",
    "measures.quantum_fisher_information",
    "measures.relative_entropy_of_coherence",
    "ring.degeneracy",
    "ring.log_weights",
    "harvest.beam_steady_state",
    "harvest.collide",
    "harvest.collision_unitary",
    "harvest.collision_unitary_second_order",
    "harvest.flip_probabilities",
}
