//! Decides what a 401 means: which scopes a request needs, and whether the token is alive.
//!
//! Which of 401 and 403 a missing scope gives is documented both ways, so neither proves a token dead. There is one
//! endpoint that needs no scope: what it says is about the token alone. Source: the sections on permissions in
//! SignalWire's published specification.

use super::Access;
use super::client::Client;
use super::request::{Method, Reading, Target};
use super::scope::Scope;

/// The scopes that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// No scope: any token that is alive will do.
    Nothing,
    /// One of these is enough.
    OneOf(&'static [Scope]),
    /// All of these.
    AllOf(&'static [Scope]),
}

/// What the lookup that needs no scope says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is accepted.
    Alive,
    /// It is not: deleted, mistyped, or of another project or Space.
    Dead,
    /// There was no answer that tells.
    Unknown,
}

/// A lookup that needs no scope and costs nothing, of a number that nobody has.
pub const LOOKUP: &str = "/api/relay/rest/lookup/phone_number/%2B15551234567";

const ANY_RESOURCE: Need = Need::OneOf(&[Scope::Calling, Scope::Fax, Scope::Messaging, Scope::Video]);
const MANAGEMENT: Need = Need::OneOf(&[Scope::Management]);
const CALLING: Need = Need::OneOf(&[Scope::Calling]);
const NUMBERS: Need = Need::OneOf(&[Scope::Numbers]);

/// Beginnings of paths, by whole segments, and what all below them needs. `*` is any one segment.
const NEEDS: [(&str, Need); 26] = [
    ("api/ai/chat", Need::OneOf(&[Scope::Chat])),
    ("api/chat", Need::OneOf(&[Scope::Chat])),
    ("api/datasphere", Need::OneOf(&[Scope::Datasphere])),
    ("api/fabric/addresses", ANY_RESOURCE),
    ("api/fabric/guests/tokens", ANY_RESOURCE),
    ("api/fabric/resources", ANY_RESOURCE),
    ("api/fabric/sip_addresses", CALLING),
    ("api/fabric/subscribers/tokens", ANY_RESOURCE),
    ("api/fax", Need::OneOf(&[Scope::Fax])),
    ("api/laml/2010-04-01/Accounts/*/tokens", MANAGEMENT),
    ("api/logs/conferences", Need::OneOf(&[Scope::Calling, Scope::Video])),
    ("api/messaging", Need::OneOf(&[Scope::Messaging])),
    ("api/project/tokens", MANAGEMENT),
    ("api/projects", MANAGEMENT),
    ("api/pubsub", Need::OneOf(&[Scope::Pubsub])),
    ("api/relay/rest/domain_applications", Need::OneOf(&[Scope::Calling, Scope::Fax, Scope::Messaging])),
    ("api/relay/rest/endpoints/sip", CALLING),
    ("api/relay/rest/lookup/phone_number", Need::Nothing),
    ("api/relay/rest/mfa", MANAGEMENT),
    ("api/relay/rest/number_groups", NUMBERS),
    ("api/relay/rest/phone_numbers", NUMBERS),
    ("api/relay/rest/registry/beta", Need::AllOf(&[Scope::Messaging, Scope::Numbers])),
    ("api/relay/rest/short_codes", NUMBERS),
    ("api/relay/rest/sip_profile", CALLING),
    ("api/video", Need::OneOf(&[Scope::Video])),
    ("api/voice", CALLING),
];

/// Accounts themselves, but not what is below one: that needs what it is about.
const ACCOUNTS: [&str; 2] = ["api/laml/2010-04-01/Accounts", "api/laml/2010-04-01/Accounts/*"];

/// What a request for `target` needs; `None` if that is not known.
pub fn needed(target: &Target) -> Option<Need> {
    let path: Vec<&str> = target.path().split('/').filter(|part| !part.is_empty()).collect();
    let begins = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        let is_met = pattern.iter().zip(&path).all(|(wanted, part)| *wanted == "*" || wanted == part);
        (is_met && pattern.len() <= path.len()).then_some(pattern.len())
    };
    if ACCOUNTS.iter().any(|pattern| begins(pattern) == Some(path.len())) {
        return Some(MANAGEMENT);
    }
    NEEDS.iter().find(|(pattern, _)| begins(pattern).is_some()).map(|(_, need)| *need)
}

/// Asks whether the token of `access` is alive, by the lookup that needs no scope. Nothing of the answer's body is read.
pub fn standing(client: &Client, access: &Access) -> Standing {
    let Ok(target) = Target::new(LOOKUP) else { return Standing::Unknown };
    match client.send(&access.request(Method::Get, target).read(Reading::Status)) {
        Ok(_) => Standing::Alive,
        Err(error) => match error.refusal().map(|refusal| refusal.status) {
            Some(404 | 422) => Standing::Alive,
            Some(401 | 403) => Standing::Dead,
            _ => Standing::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(path: &str) -> Option<Need> {
        needed(&Target::new(path).unwrap())
    }

    #[test]
    fn a_path_tells_what_it_needs() {
        assert_eq!(need("/api/video/rooms?page_size=1"), Some(Need::OneOf(&[Scope::Video])));
        assert_eq!(need("/api/projects/x/signing-key/rotate"), Some(MANAGEMENT));
        assert_eq!(need("/api/laml/2010-04-01/Accounts?PageSize=1"), Some(MANAGEMENT));
        assert_eq!(need("/api/laml/2010-04-01/Accounts/x"), Some(MANAGEMENT));
        assert_eq!(need("/api/laml/2010-04-01/Accounts/x/tokens/y"), Some(MANAGEMENT));
        assert_eq!(need(LOOKUP), Some(Need::Nothing));
        assert_eq!(need("/api/fabric/resources/subscribers"), Some(ANY_RESOURCE));
        let both = Need::AllOf(&[Scope::Messaging, Scope::Numbers]);
        assert_eq!(need("/api/relay/rest/registry/beta/brands"), Some(both));
    }

    #[test]
    fn of_other_paths_nothing_is_said() {
        for path in ["/", "/api", "/api/videos", "/api/laml/2010-04-01/Accounts/x/Calls", "/api/fabric/subscriber/info"]
        {
            assert_eq!(need(path), None, "{path}");
        }
    }
}
