//! Decides what the system may keep of this process: no core file, and no look into its memory by other programs of the
//! same user, since it holds tokens.

/// Closes the process, as far as the system can. Nothing is said where it cannot: the work goes on all the same.
#[cfg(unix)]
pub(super) fn close() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Elsewhere there is nothing to close.
#[cfg(not(unix))]
pub(super) fn close() {}
