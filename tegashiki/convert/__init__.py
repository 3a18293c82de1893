"""Formulas in the forms that people paste: LaTeX, MathML, Typst, AsciiMath, Unicode, Word, SymPy, Python, pictures."""
