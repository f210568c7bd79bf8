//! Decides how a result is written: one sink per format, and no output format is known anywhere else.
