//! Decides whether a host may be sent a credential to verify: only one that refuses the lookup without one, as a Space does. A name below `signalwire.com` can be a site of another kind, or of nobody, and a page that answers everybody
//! tells nothing of a credential.

use super::{Ask, Seen, Space, anonymous, probe};

/// Asks in the name of nobody.
///
/// # Errors
/// The host is no Space, or that is not certain; a sentence without a full stop that says why.
pub(super) fn is_space(ask: &dyn Ask, space: &Space) -> Result<(), String> {
    let host = space.host();
    match Seen::ask(ask, anonymous(space, probe::lookup())) {
        Seen::Status(401) => Ok(()),
        Seen::Status(404) => Err(format!(
            "not sent: {host} answers 404 to a request without a credential, so there seems to be no such Space"
        )),
        seen @ (Seen::Success(_) | Seen::Page(_)) => {
            Err(format!("not sent: {host} {seen} to a request without a credential, which a Space refuses"))
        }
        seen => Err(format!("not sent: asked without a credential, {host} {seen}")),
    }
}
