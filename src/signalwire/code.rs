//! Decides what is to be done about a code that SignalWire refuses with.

use super::error::Refusal;

/// The documented codes of tokens and projects, and what to do about each.
const REMEDIES: &[(&str, &str)] = &[
    (
        "invalid_auth_token_permissions",
        "SignalWire does not know one of the scopes. It knows calling, chat, datasphere, fax, management, messaging, \
         numbers, pubsub, storage, tasking and video.",
    ),
    ("invalid_subproject_id", "There is no such subproject; `barewire project list` shows those of this project."),
    (
        "must_belong_to_project",
        "This belongs to another project. A token is made for the project itself or for one of its own subprojects; \
         `barewire project list` shows them.",
    ),
    (
        "nested_subprojects_not_allowed",
        "Only a root project has subprojects. Use the Project ID and a token of the root project; `barewire project \
         list` shows the parent of each.",
    ),
    (
        "only_subprojects_can_be_deleted",
        "This is a root project, which the API does not delete; that is done in the Dashboard.",
    ),
    (
        "phone_numbers_must_be_removed",
        "The project still has phone numbers. Release them, or move them to another project, then delete it.",
    ),
    ("missing_required_parameter", "The request lacks something that SignalWire wants; the message names it."),
    ("invalid_parameter", "SignalWire does not accept one of the values; the message names it."),
];

/// What to do about a refusal, by its codes; nothing if none of them is known.
pub(super) fn remedy(refusal: &Refusal) -> Option<&'static str> {
    REMEDIES.iter().find(|(code, _)| refusal.has_code(code)).map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signalwire::Scope;

    #[test]
    fn each_documented_code_has_a_remedy() {
        for (code, words) in REMEDIES {
            let body = format!(r#"{{"errors":[{{"code":"other"}},{{"code":"{code}","message":"No."}}]}}"#);
            assert_eq!(remedy(&Refusal::new(422, body.as_bytes())), Some(*words));
        }
        assert_eq!(remedy(&Refusal::new(422, b"{}")), None);
    }

    #[test]
    fn the_scopes_that_are_named_are_all_scopes() {
        let words = REMEDIES[0].1;
        assert!(Scope::ALL.iter().all(|scope| words.contains(scope.as_str())), "{words}");
    }
}
