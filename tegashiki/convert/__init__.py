"""Formulas in the forms that people paste: LaTeX, MathML, Typst, AsciiMath, Unicode text, Word, SymPy, Python, pictures."""
