"""The book's figures: one style sheet, and the numbers that prove a figure.

The last digits of a computation differ from machine to machine, and so do the pixels of a picture.
So each figure is followed by *its numbers*, which are read from the drawn figure itself: every
point of every line, marker, area, bar and image, with the words around them, is compared with a
committed reference, and what is printed is snapped to it. Within the tolerance the text is the
same on every machine; outside it the text says what differs, and a test of the notebook's outputs
turns red.
"""

from coherence_lib.figures.reading import Drawn, Row, read
from coherence_lib.figures.reference import FigureNumbers, Reference
from coherence_lib.figures.sheet import style, use_style

__all__ = ["Drawn", "FigureNumbers", "Reference", "Row", "read", "style", "use_style"]
