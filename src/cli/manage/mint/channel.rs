//! Decides how people write a channel with what may be done in it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::cli::error::Error;

/// A channel, and what may be done in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Channel {
    name: String,
    rights: BTreeSet<Right>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Right {
    Read,
    Write,
}

/// `NAME=r`, `NAME=w` or `NAME=rw`. The last `=` divides, so that a name can hold others.
pub(super) fn parse(text: &str) -> Result<Channel, &'static str> {
    const WRONG: &str = "a channel is written as NAME=r, NAME=w or NAME=rw";
    let (name, rights) = text.rsplit_once('=').ok_or(WRONG)?;
    let rights = match rights {
        "r" | "read" => [Right::Read].into(),
        "w" | "write" => [Right::Write].into(),
        "rw" | "wr" | "read-write" => [Right::Read, Right::Write].into(),
        _ => return Err(WRONG),
    };
    Ok(Channel { name: name.to_owned(), rights })
}

/// The channels as the API takes them.
pub(super) fn object(channels: &[Channel]) -> Result<Value, Error> {
    let mut object = Map::new();
    for Channel { name, rights } in channels {
        let has = |right| rights.contains(&right);
        let rights = json!({"read": has(Right::Read), "write": has(Right::Write)});
        if object.insert(name.clone(), rights).is_some() {
            return Err(Error::new(format_args!("the channel {name} is named twice")));
        }
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_has_a_name_and_rights() {
        let channels = ["a=b=rw", "news=r", "log=w"].map(|text| parse(text).unwrap());
        let wanted = json!({
            "a=b": {"read": true, "write": true},
            "news": {"read": true, "write": false},
            "log": {"read": false, "write": true},
        });
        assert_eq!(object(&channels), Ok(wanted));
        for text in ["", "news", "news=", "news=x"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(object(&[parse("a=r").unwrap(), parse("a=w").unwrap()]).is_err());
    }
}
