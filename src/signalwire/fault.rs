//! Decides what an error of the HTTP library means, and whether the request can have been carried out.

use std::io::{self, ErrorKind};

use rustls::CertificateError;
use ureq::{Error as Ureq, Timeout};

use super::error::{Arrival, Certificate, Error, Failure, Phase};
use super::wire::Fate;

/// An error that came before the headers of an answer, when this had become of the request.
pub(super) fn before_answer(error: &Ureq, fate: Fate) -> Error {
    let failure = failure(error);
    match fate {
        Fate::Unsent => Error::never(match failure {
            Failure::Timeout(_) => Failure::Timeout(Phase::Connect),
            Failure::Closed => Failure::Connect(UNSECURED.to_owned()),
            Failure::Protocol(why) => Failure::Connect(why),
            other => other,
        }),
        Fate::Sent => {
            let failure = match failure {
                Failure::Timeout(_) => Failure::Timeout(Phase::Answer),
                other => other,
            };
            Error::Failure { failure, arrival: Arrival::Perhaps }
        }
    }
}

/// The same error, told of the proxy where it is the proxy that was to be connected.
pub(super) fn through_proxy(error: Error) -> Error {
    match error {
        Error::Failure { failure: Failure::Connect(why), arrival: Arrival::Never } if why != UNSECURED => {
            let is_there = why != REFUSED && why != UNREACHED;
            Error::never(Failure::Proxy(if is_there { why } else { "it cannot be reached".to_owned() }))
        }
        other => other,
    }
}

/// An error that came within the body of an answer.
pub(super) fn within_answer(error: &Ureq) -> Failure {
    match failure(error) {
        Failure::Timeout(_) => Failure::Timeout(Phase::Whole),
        other => other,
    }
}

/// It ended while keys were agreed on, by the proxy or behind it.
const UNSECURED: &str = "the other side closed it before it was secured";

/// Nobody listens there.
const REFUSED: &str = "it was refused";

/// There is no way to it.
const UNREACHED: &str = "the host cannot be reached";

fn failure(error: &Ureq) -> Failure {
    match error {
        Ureq::HostNotFound => Failure::UnknownHost,
        Ureq::Io(error) => of_io(error),
        Ureq::Timeout(Timeout::Resolve | Timeout::Connect) => Failure::Timeout(Phase::Connect),
        Ureq::Timeout(_) => Failure::Timeout(Phase::Answer),
        Ureq::ConnectionFailed => Failure::Connect("it was not accepted".to_owned()),
        Ureq::ConnectProxyFailed(why) => Failure::Proxy(of_proxy(why)),
        Ureq::InvalidProxyUrl => Failure::Proxy("its address is not a URL".to_owned()),
        Ureq::Rustls(error) => of_tls(error),
        Ureq::Tls(why) => Failure::Tls((*why).to_owned()),
        Ureq::BodyExceedsLimit(limit) => Failure::TooLarge(*limit),
        Ureq::LargeResponseHeader(..) => Failure::Protocol("its headers have no end".to_owned()),
        other => Failure::Protocol(last(&other.to_string())),
    }
}

/// The last part of a chain of reasons, which is the one that says something.
fn last(why: &str) -> String {
    why.rsplit(": ").next().unwrap_or_default().to_owned()
}

/// What the library says of a proxy: `proxy server responded 407/407`.
fn of_proxy(why: &str) -> String {
    let status: String =
        why.chars().skip_while(|sign| !sign.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    match &*status {
        "" => why.to_owned(),
        "407" => "it answered 407, and wants another user name or password".to_owned(),
        status => format!("it answered {status}"),
    }
}

fn of_io(error: &io::Error) -> Failure {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(error);
    }
    match error.kind() {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => Failure::Closed,
        ErrorKind::ConnectionRefused => Failure::Connect(REFUSED.to_owned()),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => {
            Failure::Connect(UNREACHED.to_owned())
        }
        ErrorKind::TimedOut => Failure::Timeout(Phase::Answer),
        ErrorKind::NotFound => Failure::UnknownHost,
        // The standard library has no kind for this, only these words.
        _ if error.to_string().starts_with("failed to lookup address") => Failure::UnknownHost,
        _ => Failure::Connect(error.to_string()),
    }
}

fn of_tls(error: &rustls::Error) -> Failure {
    let problem = match error {
        rustls::Error::InvalidCertificate(problem) => problem,
        rustls::Error::InvalidMessage(_) => return Failure::Tls("what answers does not speak TLS".to_owned()),
        other => return Failure::Tls(other.to_string()),
    };
    Failure::Certificate(match problem {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Certificate::Expired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Certificate::WrongName,
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Certificate::UnknownIssuer,
        other => Certificate::Other(other.to_string()),
    })
}
