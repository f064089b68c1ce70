"""What a drawing shows is what the library computes: read back from the drawing itself."""

import re

import numpy as np
import pytest
import qutip
from matplotlib.patches import FancyArrowPatch, Polygon

from coherence_lib import atoms, drawings, harvest, ring, thermal
from coherence_lib.atoms import AtomCluster
from coherence_lib.ring import SourceRing, bounds, transition


def by_gid(figure, gid):
    """All artists of a drawing with this name, in the order in which they were drawn."""
    found = figure.findobj(lambda artist: artist.get_gid() == gid)
    assert found, f"nothing is named {gid}"
    return found


def line_data(figure, gid):
    (line,) = by_gid(figure, gid)
    return np.array(line.get_data(), dtype=float)


def said(figure):
    return [t.get_text() for ax in figure.axes for t in ax.texts]


def test_charge_is_the_pair_and_discharge_the_beam():
    figure = drawings.charge_and_discharge()
    times, coherence = line_data(figure, "coherence")
    pair = AtomCluster.collective(2)
    full = atoms.coherence(pair, times[::20], 10.0, method="full")
    assert coherence[::20] == pytest.approx(full, abs=1e-8)
    assert line_data(figure, "limit")[1] == pytest.approx(1 / 3)
    assert coherence[-1] == pytest.approx(1 / 3, abs=0.01)
    met, temperature = line_data(figure, "temperature")
    charged = atoms.steady_state(pair, 10.0, rho0=atoms.ground_state(2))
    generator = harvest.beam_liouvillian(charged, 1.0, 0.1)
    for k in (1, 100, 200):
        excited = (qutip.Qobj(generator * met[k]).expm().full() @ [0, 0, 0, 1])[0].real
        expected = thermal.qubit_temperature(excited) / thermal.temperature(10.0)
        assert temperature[k] == pytest.approx(expected, rel=1e-6)
    assert temperature[-1] == pytest.approx(1, abs=0.01)


def test_dipoles_stand_where_their_couplings_are_read():
    figure = drawings.two_dipoles()
    ax = figure.axes[0]
    (inner,) = ax.child_axes
    f, gamma = (by_gid(figure, f"{name} here")[0] for name in ("f", "gamma"))
    (xi,), _ = gamma.get_data()
    (arc,) = by_gid(figure, "alpha")
    xs, ys = arc.get_data()
    centre = ax.transData.inverted().transform(inner.transData.transform((xi, 0)))[0]
    alpha = np.arctan2(ys[-1] - ys[0], xs[-1] - centre)
    dipole = [np.sin(alpha), 0, np.cos(alpha)]
    expected = atoms.dipole_couplings([[0, 0, 0], [0, 0, xi]], dipole)
    for drawn, matrix in zip((f, gamma), expected, strict=True):
        assert drawn.get_ydata()[0] == pytest.approx(matrix[0, 1], abs=1e-9)
    # Crests are a wavelength apart, on the scale of the distance.
    for k in (1, 2):
        (crest,) = by_gid(figure, f"crest {k}")
        to_xi = inner.transData.inverted().transform(
            ax.transData.transform(np.column_stack(crest.get_data()))
        )
        assert to_xi[:, 0].max() == pytest.approx(2 * np.pi * k, abs=1e-6)


def test_the_rates_of_two_atoms_are_those_of_the_master_equation():
    figure = drawings.ladder_of_two()
    liouvillian = AtomCluster.collective(2).liouvillian(3.0)
    ee, eg, ge, gg = (qutip.ket(label) for label in ("00", "01", "10", "11"))
    state = {"gg": gg, "T": (eg + ge).unit(), "ee": ee, "S": (eg - ge).unit()}

    def rate(a, b):
        flow = qutip.vector_to_operator(liouvillian * qutip.operator_to_vector(state[a].proj()))
        return qutip.expect(flow, state[b])

    ups = [re.match(r"\$(\d+)\\gamma_0\\bar n\$", t) for t in said(figure)]
    downs = [re.match(r"\$(\d+)\\gamma_0\(\\bar n\+1\)\$", t) for t in said(figure)]
    ups, downs = ([int(m[1]) for m in found if m] for found in (ups, downs))
    assert np.multiply(ups, 3) == pytest.approx([rate("gg", "T"), rate("T", "ee")])
    assert np.multiply(downs, 4) == pytest.approx([rate("T", "gg"), rate("ee", "T")])
    assert [rate(a, "S") for a in ("gg", "T", "ee")] == pytest.approx([0, 0, 0])
    assert rate("S", "S") == pytest.approx(0)
    assert said(figure).count("0") == 2
    # The energies: equal steps, and S as high as T.
    heights = {name: line_data(figure, f"level {name}")[1, 0] for name in state}
    assert heights["ee"] - heights["T"] == pytest.approx(heights["T"] - heights["gg"])
    assert heights["S"] == heights["T"]
    root = state["T"].dag() * sum(AtomCluster.collective(2).lowering_operators()).dag() * gg
    assert root == pytest.approx(np.sqrt(2))
    assert any(r"\sqrt{2}" in t for t in said(figure))


@pytest.mark.parametrize("n", [2, 3])
def test_levels_of_hopping_are_eigenvalues_of_its_hamiltonian(n):
    figure = drawings.who_feels_hopping()
    hamiltonian = AtomCluster.collective(n, f0=1.0).hamiltonian()
    number = sum(s.dag() * s for s in AtomCluster.collective(n).lowering_operators())
    # A small multiple of the number sorts the eigenvalues by sector.
    _, states = (hamiltonian + 1e-3 * number).eigenstates()
    found = []
    for k in range(n + 1):
        levels = by_gid(figure, f"{n} atoms, {k} excitations")
        found += [(k, line.get_ydata()[0]) for line in levels]
    zero = next(y for k, y in found if k == 0)
    unit = 4.2  # of f0, in tenths of an inch
    drawn = sorted((k, round((y - zero) / unit, 6)) for k, y in found)
    expected = [(qutip.expect(number, v), qutip.expect(hamiltonian, v)) for v in states]
    assert drawn == sorted((round(k), round(energy, 6)) for k, energy in expected)


def test_the_symmetric_level_is_the_one_that_hopping_lifts():
    figure = drawings.who_feels_hopping()
    # Reversed: of a label that both clusters have, that of two atoms is kept.
    texts = reversed(figure.axes[0].texts)
    height = {t.get_text(): t.get_position()[1] for t in texts}
    hamiltonian = AtomCluster.collective(2, f0=1.0).hamiltonian()
    symmetric, singlet = qutip.bell_state("10"), qutip.bell_state("11")
    for name, state in ((r"$|T\rangle$", symmetric), (r"$|S\rangle$", singlet)):
        energy = qutip.expect(hamiltonian, state)
        label = "$f_0$" if energy > 0 else "$-f_0$"
        assert abs(energy) == pytest.approx(1)
        assert height[name] == height[label]


def test_an_excitation_hops_where_the_hamiltonian_couples():
    # Two atoms: one arrow; three: three in either sector, and one in each column of energies.
    figure = drawings.who_feels_hopping()
    arrows = [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    couplings = [
        np.count_nonzero(np.triu(AtomCluster.collective(n, f0=1.0).hamiltonian().full()))
        for n in (2, 3)
    ]
    assert len(arrows) == sum(couplings) + 2


def test_the_qubits_arrows_are_as_thick_as_its_rates():
    figure = drawings.beam_and_qubit()
    up, down = (by_gid(figure, name)[0].get_linewidth() for name in ("up", "down"))
    r = 1 / 2  # nbar / (nbar + 1) at nbar = 1
    assert up / down == pytest.approx(r)


def test_elements_of_a_pair_feed_what_the_master_equation_says():
    figure = drawings.what_a_pair_feeds()
    found = {}
    for patch in figure.axes[0].patches:
        if re.match(r"[a-z]+ \d\d$", patch.get_gid() or ""):
            name, place = patch.get_gid().split()
            found[place] = name
    assert len(found) == 16
    # A second route: the generator's response to one element, by what it does to the qubit.
    mixed = np.diag([0.4, 0.1, 0.2, 0.3]).astype(complex)
    for place, name in found.items():
        i, j = (int(digit) for digit in place)
        changed = mixed.copy()
        changed[i, j] += 0.02
        changed[j, i] = changed[i, j].conj()
        changed /= np.trace(changed)
        change = harvest.beam_liouvillian(changed, 1.0, 0.01, order=2)
        change = change - harvest.beam_liouvillian(mixed, 1.0, 0.01, order=2)
        populations = np.abs(change[np.ix_([0, 3], [0, 3])]).max()
        to_coherence = np.abs(change[np.ix_([1, 2], [0, 3])]).max()
        turned = np.abs(change[1, 2]) + np.abs(change[2, 1])
        kind = max(
            {"heat": populations, "drive": to_coherence, "squeezing": turned}.items(),
            key=lambda pair: pair[1],
        )[0]
        assert name == kind, place


def test_the_ladder_of_four_has_the_rates_of_the_master_equation():
    figure = drawings.ladder_of_atoms()
    k = np.arange(4)
    expected = ((k + 1) * (4 - k)).tolist()
    for pattern in (r"\$(\d+)\\gamma_0\\bar n\$", r"\$(\d+)\\gamma_0\(\\bar n\{\+\}1\)\$"):
        assert [int(m[1]) for t in said(figure) if (m := re.match(pattern, t))] == expected
    # And these from QuTiP: the flow out of each rung of the full space.
    liouvillian = AtomCluster.collective(4).liouvillian(1.0)
    raising = sum(AtomCluster.collective(4).lowering_operators()).dag()
    state = qutip.ket("1111")
    for rate in expected:
        following = (raising * state).unit()
        flow = qutip.vector_to_operator(liouvillian * qutip.operator_to_vector(state.proj()))
        assert qutip.expect(flow, following) == pytest.approx(rate)
        state = following
    sizes = [len(by_gid(figure, f"rung {k}")) for k in range(5)]
    assert sizes == [len(labels) for labels in atoms.sectors(4)]


def test_blocks_are_as_large_as_the_dynamics_makes_them():
    figure = drawings.matrix_blocks()
    sides = np.array([by_gid(figure, f"block {k}")[0].get_width() for k in range(5)])
    sizes = np.rint(sides / sides[0]).astype(int)
    assert sides == pytest.approx(sides[0] * sizes)
    # What the generator couples to the populations, by walking along its non-zero elements.
    generator = AtomCluster.collective(4, f0=1.0).liouvillian(1.0).full()
    reached, ahead = set(), [17 * i for i in range(16)]
    while ahead:
        element = ahead.pop()
        if element not in reached:
            reached.add(element)
            ahead += np.flatnonzero(np.abs(generator[:, element]) > 1e-12).tolist()
    assert len(reached) == np.sum(sizes**2) == 70
    for formula in ("= 256$", "= 70$", "= 5$"):
        assert any(text.endswith(formula) for text in said(figure))
    assert [int(t.strip("$")) for t in said(figure) if re.fullmatch(r"\$\d\$", t)] == sizes.tolist()


def direction_of(figure, gid):
    """Tip of a needle from its middle, and which way."""
    full = by_gid(figure, gid)[-1]
    tip, one, other = full.get_xy()[:3]
    middle = (one + other) / 2
    return tip - middle


def test_the_needle_is_tilted_by_the_magnetisation_of_its_ring():
    figure = drawings.ring_and_needle()
    up = []
    for k in range(8):
        (arrow,) = by_gid(figure, f"source {k}")
        path = arrow.get_path()
        heights = path.vertices[path.codes != path.CLOSEPOLY, 1]
        # The path begins where the arrow does, and ends with its head.
        up.append(heights[0] < heights.mean())
    M = sum(1 if spin else -1 for spin in up)
    walls = len(by_gid(figure, "source wall"))
    assert f"$M = {M},\\;\\; l = {walls // 2}$" in said(figure)
    assert ring.degeneracy(8, M, walls // 2) > 0
    # The target's state at this M, by diagonalising its 2 x 2 Hamiltonian.
    state = (0.5 * qutip.sigmaz() + 0.2 * M * qutip.sigmax()).groundstate()[1]
    expected = [qutip.expect(s, state) for s in (qutip.sigmax(), qutip.sigmaz())]
    drawn = direction_of(figure, "needle")
    assert drawn / np.hypot(*drawn) == pytest.approx(expected, abs=1e-9)


def test_the_fan_is_that_of_six_sources_and_its_mean_their_coherence():
    figure = drawings.ring_and_needle()
    the_ring = SourceRing(6, 0.5, 0.2, 0.25)
    lengths = {}
    for M in range(-6, 7, 2):
        x, z = line_data(figure, f"M = {M}")
        step = np.array([x[1] - x[0], z[1] - z[0]])
        lengths[M] = np.hypot(*step)
        state = (0.5 * qutip.sigmaz() + 0.2 * M * qutip.sigmax()).groundstate()[1]
        expected = [qutip.expect(s, state) for s in (qutip.sigmax(), qutip.sigmaz())]
        assert step / lengths[M] == pytest.approx(expected, abs=1e-9)
    x0, x1 = (line.get_xdata()[0] for line in by_gid(figure, "edge of C"))
    gibbs = the_ring.gibbs_state(1.0).ptrace(0)
    assert abs(x1 - x0) / lengths[0] == pytest.approx(2 * abs(gibbs.full()[0, 1]), abs=1e-9)


@pytest.mark.parametrize(
    "name, limit",
    [
        ("antiparallel", lambda r: bounds.lower_bound(r, 1.0)),
        ("welded", lambda r: bounds.upper_bound(r, 1.0)),
        ("one left over", lambda r: bounds.lower_bound(SourceRing(7, 0.5, 0.2, 0.25), 1.0)),
        ("free", lambda r: ring.coherence(SourceRing(6, 0.5, 0.2, 0.0), 1.0)),
        ("cold", bounds.ground_state_coherence),
        ("hot", lambda r: 0.0),
    ],
)
def test_each_limit_shows_the_coherence_of_its_bound(name, limit):
    figure = drawings.limits_of_ring()
    value = float(limit(SourceRing(6, 0.5, 0.2, 0.25)))
    where = said(figure).index(name)
    assert said(figure)[where + 1] == f"$C = {value:.2f}$"
    needle = by_gid(figure, f"needle, {name}")[-1]
    if isinstance(needle, Polygon):
        assert abs(direction_of(figure, f"needle, {name}")[0]) / 5.6 == pytest.approx(
            value, abs=1e-9
        )
    else:
        assert value == 0.0


def test_the_two_ground_states_cross_where_the_formula_says():
    figure = drawings.two_ground_states()
    J, aligned = line_data(figure, "|M| = 6")
    _, neel = line_data(figure, "|M| = 0")
    critical = transition.critical_coupling(6, 0.2, 0.5)
    assert np.all((aligned < neel) == (J > critical))
    assert aligned == pytest.approx(-6 * 0.25 - 6 * J - np.sqrt(0.25 + 1.44))
    assert neel == pytest.approx(6 * J - 0.5)
    for M in (2, 4):
        assert np.all(line_data(figure, f"|M| = {M}")[1] > np.minimum(aligned, neel))
    for k in (0, -1):
        lowest = SourceRing(6, 0.5, 0.2, float(J[k])).hamiltonian().eigenenergies()[0]
        assert min(aligned[k], neel[k]) == pytest.approx(lowest)


def test_each_small_figure_turns_as_often_as_its_name_says():
    figure = drawings.shapes_of_coherence()
    turns = {
        "falls": "", "dips": "-+", "rises from a third": "+", "rises from 0": "+",
        "two maxima": "+-+",
        "rises": "+", "dips, then above": "-+", "dips, then below": "-+", "only falls": "",
        "rises, dips, rises": "+-+", "dips twice": "-+-+",
    }  # fmt: skip
    inner = figure.axes[0].child_axes
    assert len(inner) == len(turns)
    for ax, (name, kinds) in zip(inner, turns.items(), strict=True):
        curve, *dots = ax.lines
        assert curve.get_gid() == name
        C = curve.get_ydata()
        assert len(dots) == len(kinds)
        for dot, kind in zip(dots, kinds, strict=True):
            (x,), (y,) = dot.get_data()
            near = np.abs(curve.get_xdata() - x) < 0.2
            assert y == pytest.approx(C[near].max() if kind == "+" else C[near].min(), rel=0.02)
        low, high = ax.get_ylim()
        assert low == 0
        assert high > C.max()


def test_small_figures_begin_and_compare_as_their_names_say():
    figure = drawings.shapes_of_coherence()
    curves = {ax.lines[0].get_gid(): ax for ax in figure.axes[0].child_axes}
    start = {name: ax.lines[0].get_ydata()[0] for name, ax in curves.items()}
    top = {name: ax.lines[0].get_ydata().max() for name, ax in curves.items()}
    assert start["rises from a third"] == pytest.approx(4 / 13, rel=0.02)
    assert start["rises from 0"] < 0.01 * top["rises from 0"]
    assert start["two maxima"] < 0.01 * top["two maxima"]
    last = {name: ax.lines[-1].get_ydata()[0] for name, ax in curves.items()}
    assert last["dips, then above"] > start["dips, then above"]
    assert last["dips, then below"] < start["dips, then below"]
    assert start["dips"] == pytest.approx(top["dips"], rel=1e-6)
