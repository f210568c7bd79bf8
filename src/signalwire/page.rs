//! Decides where the next page of a list is: where the answer says, but never on another host.

use std::fmt;

use serde_json::Value;

use super::host::Space;
use super::request::Target;

/// Why the next page is not fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageError {
    /// It is on another host.
    Elsewhere,
    /// What names it is no address.
    Malformed,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elsewhere => "the next page is on another host; it was not fetched",
            Self::Malformed => "the answer names a next page that has no address",
        })
    }
}

impl std::error::Error for PageError {}

/// The page after `page`, an answer of `space`: `links.next`, or `next_page_uri` of the compatibility API. `None` if it is
/// the last.
///
/// # Errors
/// It must not be fetched.
pub fn next(space: &Space, page: &Value) -> Result<Option<Target>, PageError> {
    let links = page.get("links").and_then(|links| links.get("next"));
    let Some(next) = links.or_else(|| page.get("next_page_uri")).filter(|next| !next.is_null()) else {
        return Ok(None);
    };
    let next = next.as_str().ok_or(PageError::Malformed)?;
    if next.is_empty() {
        return Ok(None);
    }
    let path = match next.split_once("://") {
        None => next,
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').ok_or(PageError::Malformed)?);
            let host = host.strip_suffix(":443").unwrap_or(host);
            if !scheme.eq_ignore_ascii_case("https") || !host.eq_ignore_ascii_case(space.host()) {
                return Err(PageError::Elsewhere);
            }
            path
        }
    };
    if path.starts_with("//") {
        return Err(PageError::Elsewhere);
    }
    Target::new(path).map(Some).map_err(|_| PageError::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Hosts;
    use super::*;

    fn next_of(page: &Value) -> Result<Option<String>, PageError> {
        let space = Space::parse("acme", &Hosts::default()).unwrap();
        next(&space, page).map(|target| target.map(|target| target.as_str().to_owned()))
    }

    #[test]
    fn the_next_page_is_where_the_answer_says() {
        let found = |path: &str| Ok(Some(path.to_owned()));
        let link = |next: &str| next_of(&json!({"links": {"self": "/x", "next": next}}));
        assert_eq!(link("https://acme.signalwire.com/api/x?page_number=1"), found("/api/x?page_number=1"));
        assert_eq!(link("https://ACME.signalwire.com:443/api/x"), found("/api/x"));
        assert_eq!(link("/api/x?page_token=PA1"), found("/api/x?page_token=PA1"));
        assert_eq!(next_of(&json!({"next_page_uri": "/api/laml/x?Page=1"})), found("/api/laml/x?Page=1"));
        for page in
            [json!({}), json!([]), json!({"links": {}}), json!({"next_page_uri": null}), json!({"links": {"next": ""}})]
        {
            assert_eq!(next_of(&page), Ok(None), "{page}");
        }
    }

    #[test]
    fn no_page_leads_to_another_host() {
        for next in [
            "https://evil.example/api/x",
            "http://acme.signalwire.com/api/x",
            "https://acme.signalwire.com.evil.example/x",
            "https://acme.signalwire.com@evil.example/x",
            "https://acme.signalwire.com:8443/x",
            "https://beta.signalwire.com/x",
            "//evil.example/x",
            "https://acme.signalwire.com//evil.example/x",
        ] {
            assert_eq!(next_of(&json!({"links": {"next": next}})), Err(PageError::Elsewhere), "{next}");
        }
        for next in ["x", "https://acme.signalwire.com", "/a b"] {
            assert_eq!(next_of(&json!({"links": {"next": next}})), Err(PageError::Malformed), "{next}");
        }
        assert_eq!(next_of(&json!({"links": {"next": 1}})), Err(PageError::Malformed));
    }
}
