//! What can be typed to have a client token made.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::time::{self, Moment};
use crate::cli::manage::answer;
use crate::cli::manage::caller::CallArgs;
use crate::cli::manage::outlet::OutletArgs;

#[derive(Debug, Args)]
pub(in crate::cli) struct MintArgs {
    #[command(subcommand)]
    pub(super) command: MintCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum MintCommand {
    /// For a video room; needs the scope video
    #[command(after_help = answer::HELP)]
    Room(Box<RoomArgs>),
    /// For chat channels; needs the scope chat
    #[command(after_help = answer::HELP)]
    Chat(ChannelArgs),
    /// For channels of publish and subscribe; needs the scope pubsub
    #[command(after_help = answer::HELP)]
    Pubsub(ChannelArgs),
    /// For a subscriber (SAT), who is made if there is none; needs one of the scopes calling, messaging, fax, video
    #[command(after_help = answer::HELP)]
    Subscriber(Box<SubscriberArgs>),
    /// For a guest, who may reach some addresses; needs one of the scopes calling, messaging, fax, video
    #[command(after_help = answer::HELP)]
    Guest(GuestArgs),
    /// A new one for a subscriber, by a refresh token, which is spent by that; -f json shows the next refresh token
    #[command(after_help = answer::HELP)]
    Refresh(RefreshArgs),
}

/// What all of them understand.
#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    /// Print the request, without secrets, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) outlet: OutletArgs,
    #[command(flatten)]
    pub(super) call: CallArgs,
}

/// Yes or no; without it, the API decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Answer {
    Yes,
    No,
}

#[derive(Debug, Args)]
pub(super) struct RoomArgs {
    /// The room: letters, digits, hyphens and underscores
    #[arg(value_name = "ROOM")]
    pub(super) room: String,
    /// Who joins
    #[arg(long, value_name = "NAME")]
    pub(super) user_name: Option<String>,
    /// What the room is called for people
    #[arg(long, value_name = "NAME")]
    pub(super) room_display_name: Option<String>,
    /// What the member may do, such as `room.self.audio_mute`; can be repeated, or a list with commas
    #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
    pub(super) permissions: Vec<String>,
    /// From when on the room can be joined: 2026-12-01T09:00:00Z, 2026-12-01 or +2h
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    pub(super) join_from: Option<Moment>,
    /// Until when the room can be joined; without it the token never ends
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    pub(super) join_until: Option<Moment>,
    /// When the member is removed
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    pub(super) remove_at: Option<Moment>,
    /// After how long in the room the member is removed, such as 2h30m; at most 200000 s
    #[arg(long, value_name = "LENGTH", value_parser = time::length)]
    pub(super) remove_after: Option<u64>,
    /// member or audience; for the audience permissions do not count
    #[arg(long, value_name = "ROLE")]
    pub(super) join_as: Option<String>,
    /// all, video-only or audio-only
    #[arg(long, value_name = "MEDIA")]
    pub(super) media_allowed: Option<String>,
    /// Join without being heard
    #[arg(long, value_name = "ANSWER")]
    pub(super) join_audio_muted: Option<Answer>,
    /// Join without being seen
    #[arg(long, value_name = "ANSWER")]
    pub(super) join_video_muted: Option<Answer>,
    /// Make the room if there is none
    #[arg(long, value_name = "ANSWER")]
    pub(super) auto_create_room: Option<Answer>,
    /// Show previews of the room
    #[arg(long, value_name = "ANSWER")]
    pub(super) enable_room_previews: Option<Answer>,
    /// End the session of the room when this member leaves
    #[arg(long, value_name = "ANSWER")]
    pub(super) end_room_session_on_leave: Option<Answer>,
    /// Keep sound and picture together
    #[arg(long, value_name = "ANSWER")]
    pub(super) sync_audio_video: Option<Answer>,
    /// What is to be known of the room, as a JSON object
    #[arg(long, value_name = "JSON")]
    pub(super) room_meta: Option<String>,
    /// What is to be known of the member, as a JSON object
    #[arg(long, value_name = "JSON")]
    pub(super) meta: Option<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct ChannelArgs {
    /// How long the token lives, in whole minutes, such as 1h; 30 days at most
    #[arg(long, value_name = "LENGTH", value_parser = time::length)]
    pub(super) ttl: u64,
    /// A channel and what may be done there: NAME=r, NAME=w or NAME=rw; can be repeated
    #[arg(long = "channel", value_name = "NAME=RIGHTS", required = true, value_parser = super::channel::parse)]
    pub(super) channels: Vec<super::channel::Channel>,
    /// Who it is
    #[arg(long, value_name = "ID")]
    pub(super) member_id: Option<String>,
    /// What is to be known of the member, as a JSON object
    #[arg(long, value_name = "JSON")]
    pub(super) state: Option<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// When a token ends.
#[derive(Debug, Args)]
pub(super) struct EndArgs {
    /// After how long the token ends, such as 30m [default: by SignalWire, 2 h]
    #[arg(long, value_name = "LENGTH", value_parser = time::length, conflicts_with = "expires_at")]
    pub(super) expires_in: Option<u64>,
    /// When the token ends: 2026-12-01T09:00:00Z, 2026-12-01 or +2h
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    pub(super) expires_at: Option<Moment>,
}

#[derive(Debug, Args)]
pub(super) struct SubscriberArgs {
    /// The subscriber, such as an address of e-mail; one who is not there yet is made
    #[arg(value_name = "REFERENCE")]
    pub(super) reference: String,
    #[command(flatten)]
    pub(super) end: EndArgs,
    /// The application
    #[arg(long, value_name = "UUID")]
    pub(super) application_id: Option<String>,
    /// Read the subscriber's password from a file that nobody else can read; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) password_file: Option<PathBuf>,
    /// The thumbprint of the key that the token is bound to, 43 characters
    #[arg(long, value_name = "THUMBPRINT")]
    pub(super) fingerprint: Option<String>,
    /// sat:refresh; without a fingerprint the token then lives for 60 s at most
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Option<String>,
    #[arg(long, value_name = "NAME", help = "Of the subscriber, as the fields that follow")]
    pub(super) first_name: Option<String>,
    #[arg(long, value_name = "NAME", help = "The family name")]
    pub(super) last_name: Option<String>,
    #[arg(long, value_name = "NAME", help = "What others see")]
    pub(super) display_name: Option<String>,
    #[arg(long, value_name = "TITLE", help = "What they do")]
    pub(super) job_title: Option<String>,
    #[arg(long, value_name = "ZONE", help = "Such as Europe/Berlin")]
    pub(super) time_zone: Option<String>,
    #[arg(long, value_name = "COUNTRY", help = "Where they are")]
    pub(super) country: Option<String>,
    #[arg(long, value_name = "NAME", help = "For whom they work")]
    pub(super) company_name: Option<String>,
    /// us-central
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct GuestArgs {
    /// The id of an address that may be reached; can be repeated, up to 10
    #[arg(long = "address", value_name = "UUID", required = true)]
    pub(super) addresses: Vec<String>,
    #[command(flatten)]
    pub(super) end: EndArgs,
    /// us-central
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// Where the guest connects: us-central
    #[arg(long, value_name = "REGION")]
    pub(super) ch: Option<String>,
    /// Ask with the token of a subscriber in this file, which nobody else can read, not with an API token; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["project", "token_stdin", "token_file"])]
    pub(super) subscriber_token_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct RefreshArgs {
    /// A file with the refresh token that nobody else can read; - is standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}
