//! Decides what an error of the HTTP library means, and whether the request can have been carried out.

use std::io::{self, ErrorKind};

use rustls::CertificateError;
use ureq::{Error as Ureq, Timeout};

use super::error::{Arrival, Certificate, Error, Failure, Phase};

/// An error that came before the headers of an answer.
pub(super) fn before_answer(error: &Ureq) -> Error {
    let failure = failure(error);
    let arrival = match &failure {
        Failure::UnknownHost
        | Failure::Connect(_)
        | Failure::Proxy(_)
        | Failure::Certificate(_)
        | Failure::Timeout(Phase::Connect)
        | Failure::Tls(_)
        | Failure::NoRoots => Arrival::Never,
        _ => Arrival::Perhaps,
    };
    Error::Failure { failure, arrival }
}

/// An error that came within the body of an answer.
pub(super) fn within_answer(error: &Ureq) -> Failure {
    failure(error)
}

fn failure(error: &Ureq) -> Failure {
    match error {
        Ureq::HostNotFound => Failure::UnknownHost,
        Ureq::Io(error) => of_io(error),
        Ureq::Timeout(phase) => Failure::Timeout(match phase {
            Timeout::Resolve | Timeout::Connect => Phase::Connect,
            Timeout::Global | Timeout::PerCall | Timeout::RecvBody => Phase::Whole,
            _ => Phase::Answer,
        }),
        Ureq::ConnectionFailed => Failure::Connect("it was not accepted".to_owned()),
        Ureq::ConnectProxyFailed(why) => Failure::Proxy(why.clone()),
        Ureq::InvalidProxyUrl => Failure::Proxy("its address is not a URL".to_owned()),
        Ureq::Rustls(error) => of_tls(error),
        Ureq::Tls(why) => Failure::Tls((*why).to_owned()),
        Ureq::BodyExceedsLimit(limit) => Failure::TooLarge(*limit),
        other => Failure::Protocol(other.to_string()),
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
        ErrorKind::ConnectionRefused => Failure::Connect("it was refused".to_owned()),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => {
            Failure::Connect("the host cannot be reached".to_owned())
        }
        ErrorKind::TimedOut => Failure::Timeout(Phase::Answer),
        ErrorKind::NotFound => Failure::UnknownHost,
        // The standard library has no kind for this, only these words.
        _ if error.to_string().starts_with("failed to lookup address") => Failure::UnknownHost,
        _ => Failure::Protocol(error.to_string()),
    }
}

fn of_tls(error: &rustls::Error) -> Failure {
    let rustls::Error::InvalidCertificate(problem) = error else { return Failure::Tls(error.to_string()) };
    Failure::Certificate(match problem {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Certificate::Expired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Certificate::WrongName,
        CertificateError::UnknownIssuer => Certificate::UnknownIssuer,
        other => Certificate::Other(other.to_string()),
    })
}
