//! The conductor: list, load in parallel, detect, forgive, join, sort, and hand the result to the sink.
