"""Draw the picture of the README and of the book's first page, book/_static/two_atoms.svg."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from coherence_lib import atoms, figures

TARGET = Path(__file__).parent.parent / "book" / "_static" / "two_atoms.svg"


def main():
    figures.use_style()
    # A fixed salt and no date: the same picture is the same file.
    plt.rcParams.update({"svg.hashsalt": "coherence", "svg.fonttype": "path"})
    pair = atoms.AtomCluster.collective(2)
    times = np.logspace(-3, 1, 300)
    fig, ax = plt.subplots()
    for nbar in (0.1, 1, 10, 100):
        ax.semilogx(times, atoms.coherence(pair, times, nbar), label=rf"$\bar n = {nbar:g}$")
    ax.axhline(1 / 3, ls=":", c="gray")
    ax.set(xlabel=r"time $\gamma_0 t$", ylabel="coherence of two atoms $C_{l_1}$", ylim=(0, 0.36))
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.52))
    fig.savefig(TARGET, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
