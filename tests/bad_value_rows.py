"""Every public function with one valid call and the kind of each of its arguments."""

import numpy as np
from states import random_state

from coherence_lib import atoms, harvest, measures, ring, sweep, thermal
from coherence_lib.atoms import AtomCluster
from coherence_lib.ring import SourceGraph, SourceRing, bounds, transition

RING = SourceRing(6, 0.5, 0.2, 0.25)
PAIR = AtomCluster.collective(2)
GROUND = np.diag([0.0, 0, 0, 1])
RHO = random_state(np.random.default_rng(1), 4)
QUBIT = random_state(np.random.default_rng(2), 2)
TIMES = np.array([0.0, 0.1, 1.0])

# Arguments that many functions share: name -> (kind, valid value).
OF_RING = {"ring": ("ring", RING), "temperature": ("temperature", np.array([0.5, 1.0]))}
WARM_RING = OF_RING | {"temperature": ("warm", np.array([0.5, 1.0]))}
ENERGIES = {
    "omega_a": ("real", np.array([0.5, 0.6])),
    "gamma": ("real", 0.2),
    "J": ("real", 0.25),
    "omega": ("positive", 1.0),
}
BEAM = {
    "rho_pair": ("state 4", RHO),
    "rate": ("positive number", 1.0),
    "g_tau": ("number", 0.1),
}
NBAR = {"nbar": ("nonnegative number", 1.0)}
ATOMS = {"cluster": ("cluster", PAIR), "times": ("grid", TIMES)} | NBAR
PROGRESS = {"progress": ("flag", False)}
METHOD = {"method": ("choice", "auto")} | PROGRESS
N_ATOMS = {"n_atoms": ("integer 1", 2)}
GAMMA0 = {"gamma0": ("positive number", 1.0)}
LOG = {"log": ("flag", False)}
BAR = {"progress": ("flag", False)}


def half(grids):
    """What is swept: its argument is called as the table calls it."""
    return grids / 2


# name -> (what is called, its arguments)
ROWS = {
    "measures.l1_coherence": (measures.l1_coherence, {"rho": ("states", RHO)}),
    "measures.relative_entropy_of_coherence": (
        measures.relative_entropy_of_coherence,
        {"rho": ("states", RHO)},
    ),
    "measures.ergotropy": (
        measures.ergotropy,
        {"rho": ("states 2", QUBIT), "omega": ("positive number", 1.0)},
    ),
    "measures.quantum_fisher_information": (
        measures.quantum_fisher_information,
        {"rho": ("states 2", QUBIT), "derivative": ("derivative", np.diag([0.1, -0.1]))},
    ),
    "measures.flip_flop_coherence": (measures.flip_flop_coherence, {"rho": ("states", RHO)}),
    "thermal.photon_number": (
        thermal.photon_number,
        {"omega": ("positive", np.array([1.0, 2.0])), "temperature": ("nonnegative", 1.0)},
    ),
    "thermal.temperature": (
        thermal.temperature,
        {"nbar": ("nonnegative", np.array([1.0, 2.0])), "omega": ("positive", 1.0)},
    ),
    "thermal.qubit_temperature": (
        thermal.qubit_temperature,
        {"p_excited": ("probability", np.array([0.1, 0.2])), "omega": ("positive", 1.0)},
    ),
    "ring.SourceRing": (
        SourceRing,
        {
            "n_sources": ("integer 1", 6),
            "omega_a": ("number", 0.5),
            "gamma": ("number", 0.2),
            "J": ("number", 0.25),
            "omega": ("positive number", 1.0),
        },
    ),
    "ring.SourceGraph": (
        SourceGraph,
        {
            "edges": ("edges", np.array([[0, 1], [1, 2]])),
            "omega_a": ("number", 0.5),
            "gamma": ("number", 0.2),
            "J": ("couplings", 0.25),
            "omega": ("positive number", 1.0),
        },
    ),
    "ring.SourceRing.hamiltonian": (RING.hamiltonian, {}),
    "ring.SourceRing.gibbs_state": (RING.gibbs_state, {"temperature": ("one temperature", 0.5)}),
    "ring.SourceRing.levels": (RING.levels, {}),
    "ring.coherence": (ring.coherence, OF_RING | LOG | BAR),
    "ring.incoherence": (ring.incoherence, OF_RING | BAR),
    "ring.target_state": (ring.target_state, OF_RING | BAR),
    "ring.log_partition_function": (ring.log_partition_function, WARM_RING | BAR),
    "ring.local_coherence": (
        ring.local_coherence,
        {"temperature": ("temperature", 0.5), "n_sources": ("integers 1", np.array([2, 3]))}
        | ENERGIES
        | BAR,
    ),
    "ring.degeneracy": (
        ring.degeneracy,
        {
            "n_sources": ("integer 1", 6),
            "magnetisation": ("integer -6", 0),
            "n_domains": ("integer 0", 2),
        },
    ),
    "ring.log_weights": (
        ring.log_weights,
        {"n_sources": ("integer 1", 6), "beta_J": ("real", np.array([0.1, -0.2]))},
    ),
    "ring.bounds.free_magnetisation": (bounds.free_magnetisation, OF_RING),
    "ring.bounds.ground_state_coherence": (
        bounds.ground_state_coherence,
        {"ring": ("ring", RING)},
    ),
    "ring.bounds.high_temperature": (
        bounds.high_temperature,
        WARM_RING | {"order": ("choice", 2)},
    ),
    "ring.bounds.large_gap_limit": (bounds.large_gap_limit, OF_RING),
    "ring.bounds.lower_bound": (bounds.lower_bound, OF_RING),
    "ring.bounds.strong_coupling_limit": (bounds.strong_coupling_limit, OF_RING),
    "ring.bounds.upper_bound": (bounds.upper_bound, OF_RING),
    "ring.bounds.upper_bound_high_temperature": (bounds.upper_bound_high_temperature, WARM_RING),
    "ring.bounds.weak_coupling_limit": (bounds.weak_coupling_limit, OF_RING),
    "ring.transition.critical_coupling": (
        transition.critical_coupling,
        {"n_sources": ("integers 2", np.array([2, 3]))}
        | {k: v for k, v in ENERGIES.items() if k != "J"},
    ),
    "ring.transition.critical_gap": (
        transition.critical_gap,
        {"n_sources": ("integers 2", np.array([2, 3]))}
        | {k: v for k, v in ENERGIES.items() if k != "omega_a"},
    ),
    "ring.transition.extrema": (transition.extrema, {"ring": ("ring", RING)} | BAR),
    "ring.transition.ground_state": (transition.ground_state, {"ring": ("ring", RING)}),
    "ring.transition.optimal_temperature": (
        transition.optimal_temperature,
        {"ring": ("ring", RING)} | BAR,
    ),
    "ring.transition.slope": (
        transition.slope,
        {"ring": ("ring", RING), "temperature": ("positive", np.array([0.5, 1.0]))} | BAR,
    ),
    "harvest.beam_coefficients": (harvest.beam_coefficients, {"rho_pair": ("state 4", RHO)}),
    "harvest.beam_evolve": (
        harvest.beam_evolve,
        {
            "rho_cluster": ("state 4", RHO),
            "rho_qubit": ("state 2", QUBIT),
            "rate": ("positive number", 1.0),
            "g_tau": ("number", 0.1),
            "times": ("grid", TIMES),
            "order": ("choice", "exact"),
        },
    ),
    "harvest.beam_liouvillian": (harvest.beam_liouvillian, BEAM | {"order": ("choice", 2)}),
    "harvest.beam_steady_state": (
        harvest.beam_steady_state,
        {k: v for k, v in BEAM.items() if k != "rate"} | {"order": ("choice", "exact")},
    ),
    "harvest.bloch_equations": (harvest.bloch_equations, BEAM),
    "harvest.bloch_steady_state": (harvest.bloch_steady_state, BEAM),
    "harvest.collide": (
        harvest.collide,
        {
            "rho_pair": ("state 4", RHO),
            "rho_qubit": ("state 2", QUBIT),
            "g_tau": ("number", 0.1),
        },
    ),
    "harvest.collision_unitary": (
        harvest.collision_unitary,
        {"g_tau": ("number", 0.1), "n_atoms": ("integer 1", 2)},
    ),
    "harvest.collision_unitary_second_order": (
        harvest.collision_unitary_second_order,
        {"g_tau": ("number", 0.1)},
    ),
    "harvest.effective_temperature": (
        harvest.effective_temperature,
        {"rho_pair": ("state 4", RHO), "omega": ("positive number", 1.0)},
    ),
    "harvest.flip_probabilities": (
        harvest.flip_probabilities,
        {"rho_cluster": ("state 4", RHO), "g_tau": ("number", 0.1)},
    ),
    "harvest.heat_current": (
        harvest.heat_current,
        BEAM | {"rho_qubit": ("state 2", QUBIT), "omega": ("positive number", 1.0)},
    ),
    "harvest.power": (
        harvest.power,
        BEAM | {"rho_qubit": ("state 2", QUBIT), "omega": ("positive number", 1.0)},
    ),
    "harvest.random_arrivals": (
        harvest.random_arrivals,
        BEAM
        | {
            "rho_qubit": ("state 2", QUBIT),
            "times": ("grid", TIMES),
            "n_runs": ("integer 2", 5),
            "seed": ("whole 0", 1),
        }
        | BAR,
    ),
    "harvest.squeezed_bath": (
        harvest.squeezed_bath,
        BEAM | {"rho_pair": ("state 4", np.diag([0.1, 0.2, 0.2, 0.5]))},
    ),
    "atoms.AtomCluster": (
        AtomCluster,
        {"f": ("matrix", np.zeros((2, 2))), "gamma": ("matrix", np.eye(2))},
    ),
    "atoms.AtomCluster.collective": (
        AtomCluster.collective,
        N_ATOMS | {"f0": ("number", 0.5)} | GAMMA0,
    ),
    "atoms.AtomCluster.from_positions": (
        AtomCluster.from_positions,
        {
            "positions": ("matrix", np.array([[0.0, 0, 0], [0, 0, 1]])),
            "dipole": ("vector", np.array([0.0, 0, 1])),
        }
        | GAMMA0,
    ),
    "atoms.AtomCluster.decay_channels": (PAIR.decay_channels, {}),
    "atoms.AtomCluster.hamiltonian": (PAIR.hamiltonian, {}),
    "atoms.AtomCluster.lowering_operators": (PAIR.lowering_operators, {}),
    "atoms.AtomCluster.jump_operators": (PAIR.jump_operators, NBAR),
    "atoms.AtomCluster.liouvillian": (PAIR.liouvillian, NBAR),
    "atoms.coherence": (
        atoms.coherence,
        ATOMS | {"rho0": ("state 4 or none", GROUND)} | METHOD,
    ),
    "atoms.evolve": (atoms.evolve, ATOMS | {"rho0": ("state 4", GROUND)} | METHOD),
    "atoms.steady_state": (
        atoms.steady_state,
        {"cluster": ("cluster", PAIR), "rho0": ("state 4", GROUND)} | NBAR,
    ),
    "atoms.long_time_coherence": (
        atoms.long_time_coherence,
        {"cluster": ("cluster", PAIR), "rho0": ("state 4 or none", GROUND)}
        | {"nbar": ("nonnegative", 1.0)},
    ),
    "atoms.relaxation_rates": (
        atoms.relaxation_rates,
        {"cluster": ("cluster", PAIR), "k": ("whole 1", 3)} | NBAR,
    ),
    "atoms.slow_rates": (
        atoms.slow_rates,
        {"cluster": ("cluster", PAIR), "nbar": ("positive number", 1.0)},
    ),
    "atoms.missing_decay": (
        atoms.missing_decay,
        {
            "positions": ("matrix", np.array([[0.0, 0, 0], [0, 0, 1]])),
            "dipole": ("vector", np.array([0.0, 0, 1])),
        }
        | GAMMA0,
    ),
    "atoms.dipole_couplings": (
        atoms.dipole_couplings,
        {
            "positions": ("matrix", np.array([[0.0, 0, 0], [0, 0, 1]])),
            "dipole": ("vector", np.array([0.0, 0, 1])),
        }
        | GAMMA0,
    ),
    "atoms.ladder.coherence": (
        atoms.ladder.coherence,
        {"times": ("grid", TIMES)} | N_ATOMS | NBAR | GAMMA0 | LOG | PROGRESS,
    ),
    "atoms.ladder.populations": (
        atoms.ladder.populations,
        {"times": ("grid", TIMES)} | N_ATOMS | NBAR | GAMMA0 | PROGRESS,
    ),
    "atoms.ladder.steady_populations": (atoms.ladder.steady_populations, N_ATOMS | NBAR),
    "atoms.ladder.long_time_coherence": (
        atoms.ladder.long_time_coherence,
        {"n_atoms": ("integers 1", 2), "nbar": ("nonnegative", 1.0)} | LOG,
    ),
    "atoms.symmetry.automorphisms": (
        atoms.symmetry.automorphisms,
        {"f": ("matrix", np.zeros((2, 2)))},
    ),
    "atoms.symmetry.long_time_coherence": (
        atoms.symmetry.long_time_coherence,
        {"f": ("matrix", np.zeros((2, 2)))} | {"nbar": ("nonnegative", 1.0)},
    ),
    "atoms.symmetry.reached": (
        atoms.symmetry.reached,
        {"f": ("matrix", np.zeros((2, 2)))},
    ),
    "atoms.pair.coherence_from_ground": (
        atoms.pair.coherence_from_ground,
        {"times": ("nonnegative", TIMES), "nbar": ("nonnegative", 1.0)} | GAMMA0,
    ),
    "atoms.pair.populations_from_ground": (
        atoms.pair.populations_from_ground,
        {"times": ("nonnegative", TIMES), "nbar": ("nonnegative", 1.0)} | GAMMA0,
    ),
    "atoms.pair.rates": (
        atoms.pair.rates,
        {"missing": ("nonnegative number", 0.5)} | NBAR | {"f": ("number", 0.5)} | GAMMA0,
    ),
    "atoms.pair.slow_rate": (
        atoms.pair.slow_rate,
        {"missing": ("nonnegative", 0.5), "nbar": ("nonnegative", 1.0)} | GAMMA0,
    ),
    "atoms.pair.time_integral": (
        atoms.pair.time_integral,
        {"missing": ("positive", 0.5), "nbar": ("nonnegative", 1.0)} | GAMMA0,
    ),
    "atoms.pair.evolve": (
        atoms.pair.evolve,
        {"rho0": ("state 4", RHO), "times": ("grid", TIMES)}
        | NBAR
        | {"f0": ("number", 0.5)}
        | GAMMA0,
    ),
    "atoms.pair.long_time_coherence": (
        atoms.pair.long_time_coherence,
        {"rho0": ("states 4", RHO), "nbar": ("nonnegative", 1.0)},
    ),
    "atoms.pair.unitary_elements": (
        atoms.pair.unitary_elements,
        {"rho0": ("state 4", RHO), "f": ("number", 0.5), "times": ("grid", TIMES)},
    ),
    "atoms.ground_state": (atoms.ground_state, N_ATOMS),
    "atoms.sectors": (atoms.sectors, N_ATOMS),
    "atoms.thermal_state": (atoms.thermal_state, N_ATOMS | NBAR),
    "sweep.sweep": (
        lambda func, **others: sweep.sweep(func, **others),
        {
            "func": ("function", half),
            "executor": ("executor or none", None),
            "store": ("folder or none", None),
            "vectorized": ("flag or none", None),
            "fixed": ("mapping or none", {}),
            "grids": ("axis", np.array([1.0, 2.0, 4.0])),
        }
        | PROGRESS,
    ),
    "atoms.route": (
        atoms.route,
        {"cluster": ("cluster", PAIR), "rho0": ("state 4 or none", GROUND)}
        | {"nbar": ("nonnegative number or none", 1.0), "times": ("grid or none", TIMES)},
    ),
}

# "function: argument" whose bad values still end elsewhere than in a check.
OPEN = set()
