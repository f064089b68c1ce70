"""Paper I, Sec. III.C: a beam of atom pairs hands its coherence to a qubit as heat."""

from coherence_lib.harvest.beam import (
    beam_evolve,
    beam_liouvillian,
    beam_steady_state,
    random_arrivals,
)
from coherence_lib.harvest.collision import (
    collide,
    collision_unitary,
    collision_unitary_second_order,
)
from coherence_lib.harvest.heat import heat_current, power
from coherence_lib.harvest.reservoir import (
    BeamCoefficients,
    SqueezedBath,
    beam_coefficients,
    bloch_equations,
    bloch_steady_state,
    effective_temperature,
    squeezed_bath,
)
from coherence_lib.harvest.transfer import flip_probabilities

__all__ = [
    "BeamCoefficients",
    "SqueezedBath",
    "beam_coefficients",
    "beam_evolve",
    "beam_liouvillian",
    "beam_steady_state",
    "bloch_equations",
    "bloch_steady_state",
    "collide",
    "collision_unitary",
    "collision_unitary_second_order",
    "effective_temperature",
    "flip_probabilities",
    "heat_current",
    "power",
    "random_arrivals",
    "squeezed_bath",
]
