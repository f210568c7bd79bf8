//! Decides which requests tell something and change nothing, cost nothing and read no more than a status.
//!
//! The endpoints are those that SignalWire's specification lists with a single scope, and for the lookup with none.

use super::super::{Scope, Target};

/// The lookup of a number that is reserved for examples. Without `include` it costs nothing, and it needs no scope.
pub(super) fn lookup() -> Target {
    // A plus sign is encoded by `of`.
    Target::of(["api", "relay", "rest", "lookup", "phone_number", "+15551234567"])
}

/// The request that only a token with `scope` is answered.
///
/// # Errors
/// There is none that would be safe, for this reason.
pub(super) fn of(scope: Scope) -> Result<Target, &'static str> {
    let segments: &[&str] = match scope {
        Scope::Calling => &["api", "voice", "logs"],
        Scope::Datasphere => &["api", "datasphere", "documents"],
        Scope::Fax => &["api", "fax", "logs"],
        Scope::Management => &["api", "projects"],
        Scope::Messaging => &["api", "messaging", "logs"],
        Scope::Numbers => &["api", "relay", "rest", "number_groups"],
        Scope::Video => &["api", "video", "rooms"],
        Scope::Chat | Scope::Pubsub => return Err("no safe probe: every request for it is a POST"),
        Scope::Storage => return Err("no safe probe: no request for it is documented"),
        Scope::Tasking => return Err("no safe probe: its only request gives a task to your programs"),
    };
    Ok(Target::of(segments.iter().copied()).with("page_size", "1"))
}

/// Requests that a client token is answered: what it says of itself, and what it may call.
pub(super) fn of_bearer() -> [Target; 2] {
    [
        Target::of(["api", "fabric", "subscriber", "info"]),
        Target::of(["api", "fabric", "addresses"]).with("page_size", "1"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_scopes_have_a_probe_and_four_a_reason() {
        let probes: Vec<_> = Scope::ALL.into_iter().filter_map(|scope| of(scope).ok()).collect();
        assert_eq!((probes.len(), lookup().as_str()), (7, "/api/relay/rest/lookup/phone_number/%2B15551234567"));
        assert!(probes.iter().all(|probe| probe.as_str().ends_with("?page_size=1")));
        let reasons = Scope::ALL.into_iter().filter_map(|scope| of(scope).err());
        assert_eq!(reasons.filter(|reason| reason.starts_with("no safe probe: ")).count(), 4);
    }
}
