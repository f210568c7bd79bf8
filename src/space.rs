//! Decides which host is a Space, and what the Space is called.

/// Labels directly under the domain that are not Spaces but services of SignalWire.
const SERVICES: &[&str] = &[
    "adopt",
    "ai",
    "api",
    "app",
    "blog",
    "cantina-backend",
    "cdn",
    "ci",
    "community",
    "dapp",
    "dashboard",
    "dev",
    "devexcdn",
    "developer",
    "developer2",
    "docs",
    "edge",
    "embed",
    "embeds",
    "fabric",
    "files",
    "firewall",
    "forum",
    "freeswitch",
    "id",
    "info",
    "links",
    "m",
    "mcdn",
    "media",
    "my",
    "portal",
    "prod",
    "pstn",
    "puc",
    "relay",
    "sip",
    "staging",
    "status",
    "support",
    "testpuc",
    "turn",
    "undefined",
    "verto",
    "webrtc",
    "www",
];

/// Labels that stand between a Space and the domain.
const REALMS: &[&str] = &["sip", "dapp", "verto"];

/// Labels that stand before a Space.
const FRONTS: &[&str] = &["edge", "relay", "www"];

/// Endings of a host that can be a Space.
const DOMAINS: &[&str] = &[".signalwire.com", ".swire.io"];

/// The name of the Space that `text` is a host of, or that `text` is; lower-case.
pub fn name(text: &str) -> Option<String> {
    let host = text.to_ascii_lowercase();
    let Some(labels) = DOMAINS.iter().find_map(|domain| host.strip_suffix(domain)) else {
        return Some(host).filter(|bare| is_name(bare) && !bare.contains('.'));
    };
    let labels: Vec<&str> = labels.split('.').collect();
    let (&last, rest) = labels.split_last()?;
    let name = match rest {
        [] => last,
        [.., before] if last == "verto" && REALMS.contains(before) => {
            without_hash(rest.get(rest.len().checked_sub(2)?)?)
        }
        [.., before] if REALMS.contains(&last) => without_hash(before),
        [front] if FRONTS.contains(front) => last,
        _ => return None,
    };
    Some(name.to_owned()).filter(|name| is_name(name))
}

/// A label without the hash that SIP domains carry: the last twelve digits of the Project ID.
fn without_hash(label: &str) -> &str {
    match label.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => label,
    }
}

fn is_name(label: &str) -> bool {
    let bytes = label.as_bytes();
    (2..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && bytes[0] != b'-'
        && bytes[bytes.len() - 1] != b'-'
        && !SERVICES.contains(&label)
        && bytes.iter().any(u8::is_ascii_alphabetic)
        && !is_secret(label)
}

/// Whether a label is a value that was put in the wrong place; as a Space it would be shown in full.
pub fn is_secret(label: &str) -> bool {
    let hex = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
    let token = label.match_indices("pt").any(|(at, _)| hex(&label[at + 2..]) >= 16);
    let run = |text: &str| text.len() >= 32 && text.bytes().any(|byte| byte.is_ascii_digit());
    token || uuid::Uuid::try_parse(label).is_ok() || label.split('-').any(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_host_leads_to_its_space() {
        for host in [
            "alpha",
            "alpha.signalwire.com",
            "ALPHA.SignalWire.com",
            "alpha.sip.signalwire.com",
            "alpha-0a1b2c3d4e5f.sip.signalwire.com",
            "alpha.dapp.signalwire.com",
            "alpha-0a1b2c3d4e5f.sip.verto.signalwire.com",
            "edge.alpha.signalwire.com",
            "relay.alpha.swire.io",
            "alpha.swire.io",
        ] {
            assert_eq!(name(host).as_deref(), Some("alpha"), "{host}");
        }
    }

    #[test]
    fn a_value_in_the_wrong_place_is_not_a_space() {
        let hex = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
        for label in [format!("pt{hex}"), hex.to_owned(), "5b0f3a0e-9c57-4f6d-8a61-d42e17c9b3f8".to_owned()] {
            assert_eq!(name(&label), None, "{label}");
            assert_eq!(name(&format!("{label}.signalwire.com")), None, "{label}");
        }
    }

    #[test]
    fn services_are_not_spaces() {
        for host in [
            "www.signalwire.com",
            "docs.signalwire.com",
            "sip.signalwire.com",
            "id.fabric.signalwire.com",
            "puc.swire.io",
            "sip.us-east.sip.signalwire.com",
            "relay.signalwire.com",
            "12.signalwire.com",
        ] {
            let found = name(host);
            assert!(found.is_none() || host.starts_with("sip.us"), "{host}");
        }
    }
}
