"""The site's search: English, where no word is lost, and symbols as a reader may type them.

The theme's search cuts "Ising" down to "is" and then takes it for a word of no meaning. And a
formula is indexed as its TeX: who types a Greek letter, or `omega0`, is to find it too.
"""

import json
import re
import unicodedata

from sphinx.search.en import SearchEnglish

GREEK = {
    unicodedata.lookup(f"GREEK {case} LETTER {spelled}"): name.capitalize()
    if case == "CAPITAL"
    else name
    for case in ("SMALL", "CAPITAL")
    for name in (
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "sigma tau upsilon phi chi psi omega"
    ).split()
    for spelled in ["LAMDA" if name == "lambda" else name.upper()]
}

# What the Python below does to a page, done in the browser to what a reader types.
SPLITTER = """
var splitQuery = (query) => {
  const greek = %s;
  const plain = query.normalize("NFKD").replace(/\\p{M}/gu, "");
  const named = Array.from(plain, (c) => greek[c] ? " " + greek[c] + " " : c).join("");
  return named.match(/\\p{L}+|\\p{N}+/gu) ?? [];
};
"""
STEMMER = """
var PorterStemmer = Stemmer;
Stemmer = function () {
  const porter = new PorterStemmer();
  this.stemWord = (word) => {
    const stem = porter.stemWord(word);
    return stopwords.indexOf(stem) === -1 ? stem : word;
  };
};
"""


class BookSearch(SearchEnglish):
    """English whose stems are no stop words, in words of letters or of digits alone."""

    # "a" is a symbol here.
    stopwords = SearchEnglish.stopwords - {"a"}
    js_splitter_code = SPLITTER % json.dumps(GREEK, ensure_ascii=False)
    js_stemmer_code = SearchEnglish.js_stemmer_code + STEMMER

    def split(self, text):
        """Words of a page, and of a query."""
        letters = unicodedata.normalize("NFKD", text)
        plain = (c for c in letters if not unicodedata.category(c).startswith("M"))
        named = "".join(f" {GREEK[c]} " if c in GREEK else c for c in plain)
        return re.findall(r"[^\W\d_]+|\d+", named)

    def stem(self, word):
        """The stem of a word, or the word where the stem would be none."""
        word = word.lower()
        # The browser's stemmer leaves short words alone; Python's would make nothing of "s".
        stem = super().stem(word) if len(word) > 2 else word
        return word if stem in self.stopwords else stem
