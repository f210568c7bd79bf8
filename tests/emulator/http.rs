//! Reads requests of HTTP/1.1 and writes answers, by hand, so that an answer can also be wrong.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use serde_json::Value;

/// More than this is no request of ours, in bytes.
const MOST: usize = 4 << 20;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    /// Path and query, as sent.
    pub(crate) target: String,
    /// Names are lower-case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Incoming {
    /// Reads one; `None` if the connection ended before.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if from.read(&mut byte)? == 0 {
                return Ok(None);
            }
            head.push(byte[0]);
            if head.len() > MOST {
                return Err(io::Error::other("too large"));
            }
        }
        let text = String::from_utf8_lossy(&head);
        let mut lines = text.lines();
        let mut first = lines.next().unwrap_or_default().split(' ');
        let (method, target) =
            (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or_default().to_owned());
        let headers: BTreeMap<_, _> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = if headers.get("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            chunks(from)?
        } else {
            let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if length > MOST {
                return Err(io::Error::other("too large"));
            }
            let mut body = vec![0; length];
            from.read_exact(&mut body)?;
            body
        };
        Ok(Some(Self { method, target, headers, body }))
    }

    pub(crate) fn host(&self) -> &str {
        self.headers.get("host").map_or("", String::as_str)
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The path in parts, decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path().trim_matches('/').split('/').map(decode).collect()
    }

    /// A parameter of the query, or of a form.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        pairs(query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The body: JSON, or a form as an object of texts; `None` if it is neither.
    pub(crate) fn content(&self) -> Option<Value> {
        if self.headers.get("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return form(&String::from_utf8_lossy(&self.body));
        }
        if self.body.is_empty() {
            return Some(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&self.body).ok().filter(Value::is_object)
    }
}

/// The fields of a form; one that ends with `[]` is a list.
fn form(text: &str) -> Option<Value> {
    let mut object = serde_json::Map::new();
    for (key, value) in pairs(text) {
        match key.strip_suffix("[]") {
            None => drop(object.insert(key, value.into())),
            Some(key) => {
                object.entry(key).or_insert_with(|| Value::Array(Vec::new())).as_array_mut()?.push(value.into());
            }
        }
    }
    Some(Value::Object(object))
}

fn chunks(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            from.read_exact(&mut byte)?;
            line.push(byte[0]);
        }
        let size = String::from_utf8_lossy(&line);
        let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        if body.len() + size > MOST {
            return Err(io::Error::other("too large"));
        }
        let mut chunk = vec![0; size + 2];
        from.read_exact(&mut chunk)?;
        body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return Ok(body);
        }
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| pair.split_once('=').map(|(key, value)| (decode(key), decode(value)));
    text.split('&').filter_map(pair).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (byte, hex(0), hex(1)) {
            bytes.push(u8::try_from(high * 16 + low).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(if byte == b'+' { b' ' } else { byte });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        let body = value.to_string().into_bytes();
        Self { status, media_type: "application/json; charset=utf-8", headers: Vec::new(), body }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, media_type: "", headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn text(status: u16, media_type: &'static str, body: &str) -> Self {
        Self { status, media_type, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    /// The head of the answer, where the body is said to be `length` bytes long.
    pub(crate) fn head(&self, length: u64) -> Vec<u8> {
        let mut lines = vec![format!("HTTP/1.1 {} Whatever", self.status)];
        lines.extend(Some(self.media_type).filter(|kind| !kind.is_empty()).map(|kind| format!("content-type: {kind}")));
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.extend(Some(length).filter(|_| self.status != 204).map(|length| format!("content-length: {length}")));
        (lines.join("\r\n") + "\r\n\r\n").into_bytes()
    }

    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.head(self.body.len() as u64))?;
        to.write_all(&self.body)?;
        to.flush()
    }
}
