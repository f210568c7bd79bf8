//! Decides how what is wrong with a setting is written in the formats for programs.

use std::borrow::Cow;

use serde::Serialize;

use super::mask::mask;
use crate::finding::Notice;

#[derive(Serialize)]
pub(super) struct V1Notice<'a> {
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    message: Cow<'a, str>,
}

impl<'a> V1Notice<'a> {
    pub(super) fn new(notice: &'a Notice) -> Self {
        Self { path: mask(&notice.path), line: notice.line, message: mask(&notice.message) }
    }
}
