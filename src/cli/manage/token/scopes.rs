//! Decides which words are taken for scopes, and what is said of those that give too much.

use std::collections::BTreeSet;

use crate::cli::error::{self, Error};
use crate::signalwire::Scope;

/// The scopes that `words` name, each once.
///
/// # Errors
/// One of them is none, or there are none at all. Nothing was sent then.
pub(super) fn parse(words: &[String]) -> Result<BTreeSet<Scope>, Error> {
    let words = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
    let scopes: BTreeSet<Scope> = words.map(one).collect::<Result<_, _>>()?;
    if scopes.is_empty() {
        return Err(Error::new("no scope is named; nothing was sent").help(every()));
    }
    Ok(scopes)
}

fn one(word: &str) -> Result<Scope, Error> {
    if matches!(&*word.to_ascii_lowercase(), "all" | "*" | "any" | "full") {
        let why = format!("`{word}` is no scope: a token that may do everything loses everything when it leaks");
        return Err(
            Error::new(format_args!("{why}; nothing was sent")).help(format_args!("Name what is needed. {}", every()))
        );
    }
    Scope::parse(word).map_err(|unknown| {
        let help = match unknown.nearest {
            Some(scope) => format!("Perhaps {scope} was meant? {}", every()),
            None => every(),
        };
        Error::new(format_args!("{unknown}; nothing was sent")).help(help)
    })
}

fn every() -> String {
    let names: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    format!("The scopes are {}.", names.join(", "))
}

/// Warns of the scope that gives all others.
pub(super) fn warn(scopes: &BTreeSet<Scope>) {
    if scopes.contains(&Scope::Management) {
        let danger = Scope::Management.danger();
        error::tell(&format!("warning: a token with the scope management can {danger}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<BTreeSet<Scope>, String> {
        parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>()).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn each_scope_counts_once() {
        assert_eq!(read(&["video", " Voice", "VIDEO", ""]), Ok(BTreeSet::from([Scope::Calling, Scope::Video])));
    }

    #[test]
    fn what_is_no_scope_is_told_with_the_nearest() {
        assert!(read(&["vidoe"]).unwrap_err().contains("Perhaps video was meant?"));
        assert!(read(&["zzzzzzzzz"]).unwrap_err().contains("The scopes are calling, chat,"));
        assert!(read(&["", " "]).unwrap_err().contains("no scope is named"));
        for word in ["all", "ALL", "*"] {
            let told = read(&[word]).unwrap_err();
            assert!(told.contains("loses everything") && told.contains("storage, tasking, video"), "{told}");
        }
    }
}
