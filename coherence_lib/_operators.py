"""QuTiP's operators, made of their elements: its own arithmetic drops what is below 1e-14."""


def sparse(compressed, dims):
    """A Qobj of values, columns and starts of the rows, in ascending order within each row."""
    import qutip

    values, columns, starts = compressed
    size, n = len(starts) - 1, len(values)
    matrix = qutip.data.csr.empty(size, size, n)
    # Filled in place: no constructor that checks, sorts and tidies what is right already.
    filled = matrix.as_scipy(full=True)
    filled.data[:n], filled.indices[:n], filled.indptr[:] = values, columns, starts
    return qutip.Qobj(matrix, dims=dims, copy=False)


def dimensions(factors):
    """QuTiP's dimensions of an operator on a product, which take long to make from lists."""
    from qutip.core.dimensions import Dimensions

    return Dimensions([factors, factors])
