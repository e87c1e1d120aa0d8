"""One verb a file: each takes ports and values, and does one step of the sentence."""
