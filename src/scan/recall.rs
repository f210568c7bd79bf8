//! Decides what of a large blob need not be searched again, because another version of the same file was.
//!
//! A blob is cut into pieces at lines that depend on nothing but what stands there, so that two versions have most of
//! their pieces in common. What is found in a piece depends on it, on its surroundings and on what the blob is about;
//! a digest of all that tells whether it was searched before.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::Scan;
use crate::blob::{Blob, Frame};
use crate::detector::{Locality, Survey};
use crate::finding::Finding;

/// A smaller blob is searched as a whole, in bytes.
const SMALL: usize = 12 << 10;

/// Bytes of the shortest piece, and of the longest.
const SHORTEST: usize = 1 << 10;
const LONGEST: usize = 8 << 10;

/// How many pieces are remembered. When there are more, all are forgotten.
const MOST: usize = 1 << 16;

/// How many of the remembered findings there may be.
const MOST_FINDINGS: usize = 1 << 14;

type Digest = [u8; 32];

/// What one thread remembers of the pieces that it has searched.
#[derive(Default)]
pub(super) struct Recall {
    known: BTreeMap<Digest, Arc<[Finding]>>,
    findings: usize,
}

impl Recall {
    /// Shows what is found in a blob, some pieces at a time. Places are those of the blob in which a piece was first met.
    pub(super) fn search(&mut self, scan: &Scan<'_>, blob: &Blob<'_>, visit: &mut dyn FnMut(&[Finding])) {
        let is_whole = blob.frame == Frame::whole(blob.bytes.len());
        if blob.bytes.len() < SMALL || !is_whole {
            return visit(&scan.found(blob));
        }
        match scan.detector.survey(blob.bytes) {
            Survey::Idle => {}
            Survey::Whole => visit(&scan.found(blob)),
            Survey::Local(locality) => self.pieces(scan, blob, &locality, visit),
        }
    }

    fn pieces(&mut self, scan: &Scan<'_>, blob: &Blob<'_>, locality: &Locality, visit: &mut dyn FnMut(&[Finding])) {
        let pieces = cut(blob.bytes);
        let digests: Vec<Digest> =
            pieces.iter().map(|piece| *blake3::hash(&blob.bytes[piece.clone()]).as_bytes()).collect();
        let keys: Vec<(Digest, Range<usize>)> =
            (0..pieces.len()).map(|at| key(blob.bytes, locality, (&pieces, &digests), at)).collect();
        let mut at = 0;
        while at < pieces.len() {
            if let Some(found) = self.known.get(&keys[at].0) {
                visit(found);
                at += 1;
                continue;
            }
            // Neighbours that are new, too, are searched together.
            let end = (at + 1..pieces.len()).find(|&next| self.known.contains_key(&keys[next].0));
            let end = end.unwrap_or(pieces.len());
            let found = part(scan, blob, locality, (pieces[at].start..pieces[end - 1].end, &keys[at..end]));
            visit(&found);
            self.remember(&pieces[at..end], &keys[at..end], found);
            at = end;
        }
    }

    fn remember(&mut self, pieces: &[Range<usize>], keys: &[(Digest, Range<usize>)], found: Vec<Finding>) {
        if self.known.len() + keys.len() > MOST || self.findings > MOST_FINDINGS {
            self.known.clear();
            self.findings = 0;
        }
        self.findings += found.len();
        let mut by_piece: Vec<Vec<Finding>> = pieces.iter().map(|_| Vec::new()).collect();
        for finding in found {
            let piece = pieces.partition_point(|piece| piece.end as u64 <= finding.offset);
            if let Some(list) = by_piece.get_mut(piece) {
                list.push(finding);
            }
        }
        let keys = keys.iter().map(|(digest, _)| *digest);
        self.known.extend(keys.zip(by_piece.into_iter().map(Arc::from)));
    }
}

/// Searches some pieces with what surrounds them.
fn part(
    scan: &Scan<'_>,
    blob: &Blob<'_>,
    locality: &Locality,
    (owned, keys): (Range<usize>, &[(Digest, Range<usize>)]),
) -> Vec<Finding> {
    let start = keys.iter().map(|(_, around)| around.start).min().unwrap_or(owned.start);
    let end = keys.iter().map(|(_, around)| around.end).max().unwrap_or(owned.end);
    let frame = Frame { offset: start as u64, lines: 0, column: 0, owned: owned.start - start..owned.end - start };
    let part = Blob { name: blob.name, origin: blob.origin, bytes: &blob.bytes[start..end], frame };
    scan.found_with(&part, locality.setting())
}

/// What decides on the findings in a piece: a digest of it and of the pieces around it, and where these are.
fn key(
    bytes: &[u8],
    locality: &Locality,
    (pieces, digests): (&[Range<usize>], &[Digest]),
    at: usize,
) -> (Digest, Range<usize>) {
    let around = locality.around(bytes, &pieces[at]);
    let first = pieces.partition_point(|piece| piece.end <= around.start);
    let end = pieces.partition_point(|piece| piece.start < around.end);
    let mut hasher = blake3::Hasher::new();
    // The same text is something else at the start or the end of a file.
    let edges = u8::from(first == 0) | u8::from(end == pieces.len()) << 1;
    hasher.update(&[locality.setting().as_byte(), edges]);
    hasher.update(&((at - first) as u64).to_be_bytes());
    for digest in &digests[first..end] {
        hasher.update(digest);
    }
    (*hasher.finalize().as_bytes(), pieces[first].start..pieces[end - 1].end)
}

/// Cuts a text into pieces. Where it is cut depends on the line there, and on where the cut before is.
fn cut(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut pieces = Vec::with_capacity(bytes.len() / SHORTEST);
    let mut start = 0;
    while bytes.len() - start > LONGEST {
        let room = &bytes[start + SHORTEST..start + LONGEST];
        let mut feeds = memchr::memchr_iter(b'\n', room).map(|feed| start + SHORTEST + feed + 1);
        let end = feeds.find(|&end| is_cut(&bytes[..end])).unwrap_or(start + LONGEST);
        pieces.push(start..end);
        start = end;
    }
    pieces.push(start..bytes.len());
    pieces
}

/// Whether a text may be cut at its end: after one line of sixteen, chosen by its last bytes.
fn is_cut(text: &[u8]) -> bool {
    let tail = text.last_chunk::<8>().copied().unwrap_or_default();
    u64::from_le_bytes(tail).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60 == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::blob::{Name, Origin};
    use crate::detector::Detector;
    use crate::rule::RuleSet;
    use crate::suppress::Suppressor;

    type Values = BTreeSet<(String, Vec<u8>)>;

    fn values(findings: &[Finding]) -> Values {
        findings.iter().map(|finding| (finding.rule.id.to_string(), finding.secret.expose().to_vec())).collect()
    }

    /// A line of a file that may or may not mean something, depending on the lines around it.
    fn line() -> impl Strategy<Value = String> {
        let hex = |digits: &'static str| proptest::string::string_regex(digits).unwrap();
        prop_oneof![
            8 => Just("some line of prose that fills the file and says nothing at all\n".to_owned()),
            4 => hex("[a-z]{20,60}\n"),
            1 => Just("// with SignalWire\n".to_owned()),
            1 => hex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}").prop_map(|id| format!("project = \"{id}\"\n")),
            1 => hex("[0-9a-f]{48}").prop_map(|digits| format!("token = \"PT{digits}\"\n")),
            1 => hex("[A-Za-z0-9]{50}").prop_map(|text| format!("auth_token = \"{text}\"\n")),
            1 => hex("[a-z]{5,9}").prop_map(|name| format!("https://{name}.signalwire.com/api\n")),
            1 => hex("[A-Za-z0-9]{14}").prop_map(|text| format!("sip_password = \"{text}\"\n")),
        ]
    }

    /// Versions of a file: each differs from the one before in a few lines.
    fn versions() -> impl Strategy<Value = Vec<Vec<String>>> {
        let edits = proptest::collection::vec(
            (any::<prop::sample::Index>(), 0usize..4, proptest::collection::vec(line(), 0..3)),
            1..6,
        );
        (proptest::collection::vec(line(), 300..450), edits).prop_map(|(first, edits)| {
            let mut versions = vec![first];
            for (at, dropped, more) in edits {
                let mut next = versions[versions.len() - 1].clone();
                let at = at.index(next.len());
                next.splice(at..next.len().min(at + dropped), more);
                versions.push(next);
            }
            versions
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn what_is_recalled_is_what_would_be_found(versions in versions()) {
            let detector = Detector::new(RuleSet::builtin().unwrap());
            let scan = Scan { detector: &detector, suppressor: &Suppressor::default(), now: 1_000, jobs: 1 };
            let mut recall = Recall::default();
            for version in versions {
                let text = version.concat();
                let name = Name::unknown();
                let blob = Blob::whole(&name, Origin::Blob, text.as_bytes());
                let mut recalled = Values::new();
                recall.search(&scan, &blob, &mut |found| recalled.extend(values(found)));
                prop_assert_eq!(recalled, values(&scan.found(&blob)));
            }
        }

        #[test]
        fn pieces_follow_each_other(text in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..60_000)) {
            let pieces = cut(&text);
            prop_assert_eq!(pieces.first().map(|piece| piece.start), Some(0));
            prop_assert_eq!(pieces.last().map(|piece| piece.end), Some(text.len()));
            prop_assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].len() <= LONGEST));
        }
    }
}
