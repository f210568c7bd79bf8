//! The rule files that are part of the program. A test compares the list with the folder.

macro_rules! rules {
    ($($id:literal,)*) => {
        &[$((concat!("rules/", $id, ".toml"), include_str!(concat!("../../rules/", $id, ".toml"))),)*]
    };
}

pub(super) const BUILTIN: &[(&str, &str)] = rules!["signalwire-api-token",];
