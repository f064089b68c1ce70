"""Draw the pictures of the README, the book's first page and a link to it, in book/_static."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from coherence_lib import atoms, drawings, figures

FOLDER = Path(__file__).parent.parent / "book" / "_static"


def main():
    figures.use_style()
    # A fixed salt and no date: the same picture is the same file.
    plt.rcParams.update({"svg.hashsalt": "coherence", "svg.fonttype": "path"})
    # Where they are shown nobody knows the ground.
    plt.rcParams["savefig.facecolor"] = "white"
    pair = atoms.AtomCluster.collective(2)
    times = np.logspace(-3, 1, 300)
    fig, ax = plt.subplots()
    for nbar in (0.1, 1, 10, 100):
        ax.semilogx(times, atoms.coherence(pair, times, nbar), label=rf"$\bar n = {nbar:g}$")
    ax.axhline(1 / 3, ls=":", c="gray")
    ax.set(xlabel=r"time $\gamma_0 t$", ylabel="coherence of two atoms $C_{l_1}$", ylim=(0, 0.36))
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.52))
    fig.savefig(FOLDER / "two_atoms.svg", metadata={"Date": None, "Creator": None})
    drawings.charge_and_discharge().savefig(
        FOLDER / "charge_and_discharge.svg",
        facecolor="none",
        metadata={"Date": None, "Creator": None},
    )
    drawings.charge_and_discharge().savefig(FOLDER / "preview.png", dpi=150, facecolor="white")


if __name__ == "__main__":
    main()
