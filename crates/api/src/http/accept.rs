//! Which of the two GraphQL media types answers a request (GraphQL over HTTP; RFC 9110 for `Accept`).

use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderValue};

/// Most ranges of an `Accept` header that are looked at.
const RANGES_MAX: usize = 64;

/// A media type of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the HTTP status tells what happened.
    GraphqlResponse,
    /// `application/json`: whatever was well-formed is answered with 200.
    Json,
}

impl Media {
    /// In the order of our preference.
    const ALL: [Self; 2] = [Self::GraphqlResponse, Self::Json];

    pub(super) const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    const fn subtype(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "graphql-response+json",
            Self::Json => "json",
        }
    }

    /// How well a range names this type: 0 exactly, 1 by `application/*`, 2 by `*/*`.
    fn match_by(self, range: &str) -> Option<u8> {
        let (kind, subtype) = range.split_once('/')?;
        match (kind, subtype) {
            ("*", "*") => Some(2),
            _ if !kind.eq_ignore_ascii_case("application") => None,
            (_, "*") => Some(1),
            _ => subtype.eq_ignore_ascii_case(self.subtype()).then_some(0),
        }
    }
}

/// The type with the highest quality, ours first when they are equal; `None` when the caller takes neither.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<Media> {
    let values: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    if !headers.contains_key(ACCEPT) {
        return Some(Media::GraphqlResponse);
    }
    let ranges: Vec<(&str, u16)> =
        values.iter().flat_map(|value| value.split(',')).take(RANGES_MAX).filter_map(range).collect();
    let quality = |media: Media| {
        let matches = ranges.iter().filter_map(|(range, q)| Some((media.match_by(range)?, *q)));
        // The most specific range decides, whatever the others say.
        matches.min_by_key(|(by, _)| *by).map_or(0, |(_, q)| q)
    };
    let [first, second] = Media::ALL;
    match (quality(first), quality(second)) {
        (0, 0) => None,
        (one, two) if one >= two => Some(first),
        _ => Some(second),
    }
}

/// Whether the caller takes `text/event-stream`.
pub(super) fn takes_event_stream(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = values.flat_map(|value| value.split(',')).take(RANGES_MAX).filter_map(range);
    let named = |range: &str| {
        ["text/event-stream", "text/*", "*/*"].iter().any(|name| range.eq_ignore_ascii_case(name))
    };
    !headers.contains_key(ACCEPT) || ranges.any(|(range, quality)| quality > 0 && named(range))
}

/// A range and its quality in thousandths.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let quality = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Some(1_000), |(_, value)| thousandths(value.trim()))?;
    Some((range, quality))
}

/// `0`, `1`, or either with up to three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let value = match (whole, digits) {
        ("0", true) => format!("{decimals:0<3}").parse().ok()?,
        ("1", true) if decimals.bytes().all(|byte| byte == b'0') => 1_000,
        _ => return None,
    };
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Option<Media> {
        negotiate(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(value).unwrap())]))
    }

    #[test]
    fn the_graphql_type_comes_first() {
        assert_eq!(negotiate(&HeaderMap::new()), Some(Media::GraphqlResponse));
        for value in [
            "*/*",
            "application/*",
            "application/graphql-response+json",
            "APPLICATION/GraphQL-Response+JSON",
            "application/json, application/graphql-response+json",
            "text/html, */*;q=0.1",
        ] {
            assert_eq!(of(value), Some(Media::GraphqlResponse), "{value}");
        }
    }

    #[test]
    fn plain_json_is_chosen_when_asked_for() {
        for value in [
            "application/json",
            "application/json; charset=utf-8",
            "application/graphql-response+json;q=0.5, application/json;q=0.9",
            "application/graphql-response+json;q=0, */*",
            "application/*;q=0.2, application/json",
        ] {
            assert_eq!(of(value), Some(Media::Json), "{value}");
        }
    }

    #[test]
    fn other_types_are_not_served() {
        for value in ["text/html", "", "application/xml", "application/json;q=0", "*/*;q=0", "json", "*/json"]
        {
            assert_eq!(of(value), None, "{value:?}");
        }
    }

    #[test]
    fn event_streams_are_served_to_those_who_take_them() {
        let takes = |value: &str| {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(value).unwrap())]);
            takes_event_stream(&headers)
        };
        assert!(takes_event_stream(&HeaderMap::new()));
        assert!(
            ["text/event-stream", "application/json, Text/Event-Stream", "*/*;q=0.1"].into_iter().all(takes)
        );
        assert!(!["application/json", "text/event-stream;q=0", "text/html"].into_iter().any(takes));
    }

    #[test]
    fn qualities_have_at_most_three_decimals() {
        assert_eq!(
            ["0", "1", "0.5", "0.125", "1.000"].map(thousandths),
            [0, 1_000, 500, 125, 1_000].map(Some)
        );
        assert_eq!(["2", "1.1", "0.1234", "x", "", "0.x"].map(thousandths), [None; 6]);
    }
}
