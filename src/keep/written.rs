//! Decides how ids and scopes are written in a file: as their texts; what is none is an error with its line.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::signalwire::token::TokenId;
use crate::signalwire::{ProjectId, Scope};

/// A type that is written as a text.
pub(super) trait Written: Sized {
    /// The value that `text` means.
    fn read(text: &str) -> Option<Self>;
    /// The text.
    fn text(&self) -> &str;
}

impl Written for TokenId {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn text(&self) -> &str {
        self.as_str()
    }
}

impl Written for ProjectId {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn text(&self) -> &str {
        self.as_str()
    }
}

impl Written for Scope {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn text(&self) -> &str {
        self.as_str()
    }
}

/// Such a type on its way to or from a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text<T>(pub(super) T);

impl<T: Written> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.text())
    }
}

impl<'de, T: Written> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::read(&text).map(Self).ok_or_else(|| D::Error::custom("this is none"))
    }
}
