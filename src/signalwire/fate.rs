//! Decides whether a write was carried out that got no good answer.

use super::error::{Arrival, Error};

/// Whether a request that changes something was carried out though `error` came back. An error of the server says nothing
/// of how far it got, a redirect may be what follows when it is done ([RFC 9110, 15.4.4]), and an
/// answer that is none yet says nothing at all.
///
/// [RFC 9110, 15.4.4]: https://www.rfc-editor.org/rfc/rfc9110#section-15.4.4
pub fn fate(error: &Error) -> Arrival {
    match error {
        Error::Failure { arrival, .. } => *arrival,
        Error::Refusal(refusal) if matches!(refusal.status, ..200 | 300..400 | 408 | 500..) => Arrival::Perhaps,
        Error::Refusal(_) => Arrival::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signalwire::{Failure, Refusal};

    #[test]
    fn a_refusal_is_certain_and_an_error_of_the_server_is_not() {
        let refused = |status| fate(&Error::Refusal(Box::new(Refusal::new(status, b""))));
        for status in [400, 401, 403, 404, 422, 429] {
            assert_eq!(refused(status), Arrival::Never, "{status}");
        }
        for status in [101, 302, 303, 408, 500, 502, 504] {
            assert_eq!(refused(status), Arrival::Perhaps, "{status}");
        }
        let failure = Error::Failure { failure: Failure::Closed, arrival: Arrival::Done };
        assert_eq!(fate(&failure), Arrival::Done);
    }
}
