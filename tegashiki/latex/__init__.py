"""LaTeX in and out: tokenizer, parser, the one normaliser, vocabulary and decoding grammar."""
