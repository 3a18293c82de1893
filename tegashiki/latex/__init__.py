"""LaTeX: tokenizer, parser, normaliser, vocabulary and decoding grammar."""
