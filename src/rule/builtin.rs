//! The rule files that are part of the program. A test compares the list with the folder.

macro_rules! rules {
    ($($id:literal,)*) => {
        &[$((concat!("rules/", $id, ".toml"), include_str!(concat!("../../rules/", $id, ".toml"))),)*]
    };
}

pub(super) const BUILTIN: &[(&str, &str)] = rules![
    "freeswitch-access-token",
    "signalwire-api-token",
    "signalwire-api-token-contextual",
    "signalwire-basic-auth",
    "signalwire-basic-auth-contextual",
    "signalwire-chat-gateway-secret",
    "signalwire-chat-token",
    "signalwire-conference-token",
    "signalwire-embed-token",
    "signalwire-oauth-subscriber-token",
    "signalwire-project-id",
    "signalwire-refresh-token",
    "signalwire-relay-jwt",
    "signalwire-room-token",
    "signalwire-signing-key",
    "signalwire-signing-key-contextual",
    "signalwire-sip-password",
    "signalwire-space-url",
    "signalwire-subscriber-password",
    "signalwire-subscriber-token",
    "signalwire-swaig-secret",
    "signalwire-swml-basic-auth",
    "signalwire-url-credentials",
];
