"""Drawings of the physics: each call returns a figure that a chapter shows."""

from coherence_lib.drawings.beams import beam_and_qubit, what_a_pair_feeds
from coherence_lib.drawings.charge import charge_and_discharge
from coherence_lib.drawings.clusters import ladder_of_atoms, matrix_blocks
from coherence_lib.drawings.pairs import ladder_of_two, two_dipoles, who_feels_hopping
from coherence_lib.drawings.phases import shapes_of_coherence, two_ground_states
from coherence_lib.drawings.rings import limits_of_ring, ring_and_needle

__all__ = [
    "beam_and_qubit",
    "charge_and_discharge",
    "ladder_of_atoms",
    "ladder_of_two",
    "limits_of_ring",
    "matrix_blocks",
    "ring_and_needle",
    "shapes_of_coherence",
    "two_dipoles",
    "two_ground_states",
    "what_a_pair_feeds",
    "who_feels_hopping",
]
