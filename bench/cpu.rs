//! The CPU time of this process, for the programs of this folder.

use std::fs;
use std::io;

/// Seconds of CPU that this process has used, as Linux counts them: in hundredths.
pub(crate) fn seconds() -> io::Result<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(11) + ticks(12)) / 100.0)
}
