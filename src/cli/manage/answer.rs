//! Decides how an error of SignalWire is told, and which exit code it is worth.

use crate::cli::error::Error;
use crate::cli::exit;
use crate::signalwire::{
    Access, Arrival, Auth, Client, Error as ApiError, Failure, Method, Need, Refusal, Request, Scope, Standing, fate,
    needed, standing,
};

/// What the exit codes of these commands mean.
pub(super) const HELP: &str = "\
Exit codes:
  0  done
  1  SignalWire refused
  2  usage or configuration error; nothing was sent
  3  no certain answer: no connection, too slow, an error of the server; or it was done, and could not be shown or recorded";

/// Tells an error of SignalWire to a request by `method`; returns the exit code.
pub(super) fn fail(error: &ApiError, method: Method) -> u8 {
    tell(error, method, error.remedy().unwrap_or_default())
}

/// Tells an error of SignalWire to `request`; returns the exit code. Where the answer is a 401, it asks once more, with the
/// lookup that needs no scope, and says whether the token is dead or lacks a scope.
pub(super) fn explain(client: &Client, access: &Access, request: &Request, error: &ApiError) -> u8 {
    let is_by_token = matches!(request.auth, Auth::Basic { .. });
    match error.refusal().filter(|refusal| is_by_token && refusal.is_unauthorized()) {
        Some(refusal) => tell(error, request.method, &why(client, access, request, refusal)),
        None => fail(error, request.method),
    }
}

fn tell(error: &ApiError, method: Method, remedy: &str) -> u8 {
    let doubt = doubt(error, method);
    let help = [remedy, doubt].map(str::trim).join(" ");
    // No part of an answer begins a line of its own.
    let told = Error::new(error.to_string().replace(['\n', '\r'], " "));
    let told = if help.trim().is_empty() { told } else { told.help(help.trim()) };
    told.print();
    code(error)
}

/// What is to be said of whether the request was carried out.
fn doubt(error: &ApiError, method: Method) -> &'static str {
    const PERHAPS: &str =
        "It may have been carried out all the same. It was not sent again; see in the Dashboard before you do.";
    match (error, fate(error)) {
        (ApiError::Failure { .. }, Arrival::Never) => "Nothing was sent.",
        _ if method.is_safe() => "",
        (_, Arrival::Perhaps) => PERHAPS,
        (_, Arrival::Done) => "It was carried out; only the answer is lost.",
        (ApiError::Refusal(_), Arrival::Never) => "",
    }
}

/// What a 401 means for the token.
fn why(client: &Client, access: &Access, request: &Request, refusal: &Refusal) -> String {
    let need = needed(&request.target);
    let says = |word: &str| refusal.details.iter().flat_map(|detail| &detail.message).any(|text| text.contains(word));
    if says("validate a phone number") {
        return "The account has to be verified first; the Dashboard tells how.".to_owned();
    }
    let what = format!("{} {}", request.method, request.target.path());
    match (need, standing(client, access)) {
        (_, Standing::Unknown) => refusal.remedy().unwrap_or_default().to_owned(),
        (_, Standing::Dead) => {
            "The token is dead, or is not of this project or Space: the lookup that needs no scope is refused, too."
                .to_owned()
        }
        (None | Some(Need::Nothing), Standing::Alive) => format!(
            "The token is alive: the lookup that needs no scope accepts it. It may lack a scope that {what} needs."
        ),
        (Some(Need::OneOf(scopes)), Standing::Alive) => lacks(&what, scopes, " or "),
        (Some(Need::AllOf(scopes)), Standing::Alive) => lacks(&what, scopes, " and "),
    }
}

fn lacks(what: &str, scopes: &[Scope], and: &str) -> String {
    let scopes: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
    let list = scopes.join(and);
    format!(
        "The token is alive, but lacks a scope: {what} needs {list}. A token's scopes are edited in the Dashboard, or with `barewire token update`."
    )
}

/// The exit code that an error is worth.
pub(super) fn code(error: &ApiError) -> u8 {
    match error {
        ApiError::Failure { failure: Failure::NoRoots, .. } => exit::USAGE,
        ApiError::Refusal(refusal) if fate(error) == Arrival::Never && refusal.status != 429 => exit::LEAKS,
        _ => exit::INCOMPLETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(failure: Failure, arrival: Arrival) -> ApiError {
        ApiError::Failure { failure, arrival }
    }

    fn refused(status: u16) -> ApiError {
        ApiError::Refusal(Box::new(Refusal::new(status, b"")))
    }

    #[test]
    fn a_code_says_how_certain_the_answer_is() {
        for (error, expected) in [
            (refused(401), 1),
            (refused(404), 1),
            (refused(422), 1),
            (refused(408), 3),
            (refused(429), 3),
            (refused(302), 3),
            (refused(500), 3),
            (failure(Failure::NoRoots, Arrival::Never), 2),
            (failure(Failure::UnknownHost, Arrival::Never), 3),
            (failure(Failure::Closed, Arrival::Perhaps), 3),
        ] {
            assert_eq!(code(&error), expected, "{error}");
        }
    }

    #[test]
    fn doubt_is_told_where_there_is_some() {
        let says = |error: &ApiError, method, words: &str| doubt(error, method).starts_with(words);
        assert!(says(&failure(Failure::Closed, Arrival::Perhaps), Method::Post, "It may have been"));
        assert!(says(&failure(Failure::NotJson, Arrival::Done), Method::Post, "It was carried out"));
        assert!(says(&failure(Failure::UnknownHost, Arrival::Never), Method::Post, "Nothing was sent"));
        for status in [303, 408, 500] {
            assert!(says(&refused(status), Method::Delete, "It may have been"), "{status}");
        }
        assert_eq!(doubt(&refused(422), Method::Post), "");
        assert_eq!(doubt(&refused(500), Method::Get), "");
        assert_eq!(doubt(&failure(Failure::Closed, Arrival::Perhaps), Method::Get), "");
    }
}
