//! Decides which permissions a room token can have (`room.*` in SignalWire's list of video permissions).

use super::scope::distance;

/// What a member may do to others and to themselves.
const BOTH: &[&str] = &[
    "audio_mute",
    "audio_unmute",
    "video_mute",
    "video_unmute",
    "deaf",
    "undeaf",
    "set_input_volume",
    "set_output_volume",
    "set_input_sensitivity",
    "set_position",
    "set_meta",
    "raisehand",
    "lowerhand",
];

/// To others alone.
const MEMBER: &[&str] = &["remove", "promote", "demote"];

/// To themselves alone.
const SELF: &[&str] = &["screenshare", "additional_source"];

/// To the room.
const ROOM: &[&str] = &[
    "hide_video_muted",
    "list_available_layouts",
    "lock",
    "playback",
    "playback_seek",
    "prioritize_handraise",
    "recording",
    "set_layout",
    "set_position",
    "set_meta",
    "show_video_muted",
    "stream",
    "unlock",
];

/// Stands in SignalWire's page of permissions, and not in the list of its specification.
const STREAM_START: &str = "room.stream.start";

/// A word that is no permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// The permission that was perhaps meant.
    pub(super) nearest: Option<String>,
}

/// All permissions.
pub fn all() -> impl Iterator<Item = String> {
    let of =
        |prefix: &'static str, words: &'static [&'static str]| words.iter().map(move |word| format!("{prefix}.{word}"));
    of("room", ROOM)
        .chain(of("room.member", BOTH))
        .chain(of("room.member", MEMBER))
        .chain(of("room.self", BOTH))
        .chain(of("room.self", SELF))
}

/// Whether `word` is one.
pub(super) fn check(word: &str) -> Result<(), Unknown> {
    if word == STREAM_START || all().any(|known| known == word) {
        return Ok(());
    }
    let nearest = all().map(|known| (distance(word, &known), known)).min();
    Err(Unknown { nearest: nearest.filter(|(far, _)| *far <= word.len().div_ceil(3)).map(|(_, known)| known) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_told_apart_and_the_nearest_is_known() {
        assert_eq!(all().count(), 13 + 16 + 15);
        assert_eq!((check("room.lock"), check("room.stream.start")), (Ok(()), Ok(())));
        assert_eq!(check("room.self.remove").unwrap_err().nearest.as_deref(), Some("room.member.remove"));
        assert_eq!(check("everything").unwrap_err().nearest, None);
    }
}
