"""Operators made of their elements: as QuTiP makes them, and with all their digits."""

import numpy as np
import pytest
import qutip
import scipy.sparse as sp

from coherence_lib import _operators
from coherence_lib.atoms import AtomCluster


@pytest.mark.parametrize("dtype", [float, complex])
def test_a_sparse_operator_holds_its_elements_and_dimensions(dtype):
    matrix = np.array([[0, 2e-300, 0, 0], [0, 0, 0, 3], [0, 0, 0, 0], [1e-20, 0, 0, 4]], dtype)
    rows = sp.csr_array(matrix)
    dims = _operators.dimensions([2, 2])
    made = _operators.sparse((rows.data, rows.indices, rows.indptr), dims)
    np.testing.assert_array_equal(made.full(), matrix)
    assert made.dims == [[2, 2], [2, 2]]
    assert made.isoper


def test_operators_of_a_cluster_multiply_with_those_of_qutip():
    cluster = AtomCluster.collective(2, f0=0.3)
    lowering = qutip.tensor(qutip.destroy(2).dag(), qutip.qeye(2))
    assert (cluster.hamiltonian() * lowering).dims == [[2, 2], [2, 2]]
    generator = cluster.liouvillian(0.5)
    assert generator.issuper
    assert generator.dims == [[[2, 2], [2, 2]], [[2, 2], [2, 2]]]
    # Trace is kept: what the generator makes of any state has none.
    state = qutip.ket2dm(qutip.basis([2, 2], [0, 1]))
    assert abs(qutip.vector_to_operator(generator * qutip.operator_to_vector(state)).tr()) < 1e-15
