"""Drawings of the physics: each call returns a figure that a chapter shows."""

from coherence_lib.drawings.beams import beam_and_qubit
from coherence_lib.drawings.charge import charge_and_discharge
from coherence_lib.drawings.clusters import ladder_of_atoms, matrix_blocks
from coherence_lib.drawings.pairs import ladder_of_two, two_dipoles, who_feels_hopping
from coherence_lib.drawings.rings import ring_and_needle

__all__ = [
    "beam_and_qubit",
    "charge_and_discharge",
    "ladder_of_atoms",
    "ladder_of_two",
    "matrix_blocks",
    "ring_and_needle",
    "two_dipoles",
    "who_feels_hopping",
]
