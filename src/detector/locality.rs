//! Decides on which part of a text the findings in a piece of it depend.
//!
//! Whether a value is a secret is decided by what stands within some lines of it, and by whether the text speaks of a
//! vendor or holds a token at all. So of two texts with a piece in common, together with its surroundings, the second
//! need not be searched there again.

use std::ops::Range;

use super::matcher::{Matcher, lines_around};
use super::text::{self, Text};
use crate::rule::{Pattern, SharedRule, Vendor};

/// What names, calls and neighbours of a value are looked for within, in bytes.
const SLACK: usize = 1 << 10;

/// What a text is about as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setting(u8);

impl Setting {
    const SIGNALWIRE: u8 = 1;
    const FREESWITCH: u8 = 2;
    const TOKEN: u8 = 4;

    /// Adds that a vendor is mentioned.
    pub(super) fn mention(&mut self, vendor: Vendor) {
        self.0 |= match vendor {
            Vendor::Signalwire => Self::SIGNALWIRE,
            Vendor::Freeswitch => Self::FREESWITCH,
        };
    }

    /// Adds that there is a token. It counts as a mention of SignalWire.
    pub(super) fn hold_token(&mut self) {
        self.0 |= Self::TOKEN;
    }

    /// Whether one of `vendors` is mentioned.
    pub(super) fn speaks_of(self, vendors: &[Vendor]) -> bool {
        vendors.iter().any(|vendor| match vendor {
            Vendor::Signalwire => self.0 & (Self::SIGNALWIRE | Self::TOKEN) != 0,
            Vendor::Freeswitch => self.0 & Self::FREESWITCH != 0,
        })
    }

    /// Whether nothing is known.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// As a number, different for each setting.
    pub fn as_byte(self) -> u8 {
        self.0
    }
}

/// What the first pass over a text says of how it is to be searched.
#[derive(Debug)]
pub enum Survey {
    /// Nothing can be found.
    Idle,
    /// It must be searched as a whole.
    Whole,
    /// Each piece can be searched with its surroundings alone.
    Local(Locality),
}

/// Where the pieces of a text have their surroundings.
#[derive(Debug)]
pub struct Locality {
    setting: Setting,
    /// Where long values may stand; ascending and apart.
    long: Vec<Range<usize>>,
    lines: u64,
    slack: usize,
}

impl Locality {
    /// Surveys a text.
    pub(super) fn survey(matcher: &Matcher, rules: &[SharedRule], bytes: &[u8]) -> Survey {
        let plain = Text::plain(bytes);
        let hits = matcher.hits(rules, &plain);
        let is_marked = text::whole(bytes.get(..2).unwrap_or_default()).is_some();
        if hits.is_idle(matcher) && !is_marked {
            return Survey::Idle;
        }
        match matcher.longest_roaming(rules) {
            Some(longest) if !is_marked && hits.wide().is_empty() => Survey::Local(Self {
                setting: Matcher::setting(rules, &plain, &hits),
                long: hits.anchored_windows(),
                lines: rules.iter().filter_map(|rule| rule.context.as_ref()?.lines).max().unwrap_or(0),
                // A keyword may be as far from a match as that is long.
                slack: 2 * (longest + SLACK),
            }),
            _ => Survey::Whole,
        }
    }

    /// What the text is about.
    pub fn setting(&self) -> Setting {
        self.setting
    }

    /// What the findings that begin in `piece` depend on.
    pub fn around(&self, bytes: &[u8], piece: &Range<usize>) -> Range<usize> {
        let mut start = lines_around(bytes, piece.start, self.lines).start.saturating_sub(self.slack);
        let mut end = bytes.len().min(lines_around(bytes, piece.end, self.lines).end + self.slack);
        let first = self.long.partition_point(|window| window.end <= piece.start);
        for window in self.long[first..].iter().take_while(|window| window.start < piece.end) {
            start = start.min(window.start);
            end = end.max(window.end);
        }
        start..end
    }
}

/// The longest match of patterns, if all of them are bounded.
pub(super) fn longest<'r>(patterns: impl Iterator<Item = &'r Pattern>) -> Option<usize> {
    patterns.map(Pattern::longest).try_fold(0, |most, longest| Some(longest?.max(most)))
}
