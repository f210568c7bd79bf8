//! Decides what there is to scan, and how it is loaded. It does not know what a rule is.
