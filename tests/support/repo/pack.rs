//! Writes packs that git itself would never write. Ids are made up: what is damaged is not worth a digest.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::Repo;

/// How an object is stored.
pub(crate) enum Stored {
    /// As it is.
    Blob(Vec<u8>),
    /// A tree, as it is.
    Tree(Vec<u8>),
    /// A tag, as it is.
    Tag(Vec<u8>),
    /// As a change of the object this many entries before.
    After(usize, Vec<u8>),
    /// As a change of the object with this id.
    Of(String, Vec<u8>),
    /// As a change of what lies this many bytes before.
    Back(u64, Vec<u8>),
}

/// Adds a pack to `repo` and gives back the ids of its objects.
pub(crate) fn add(repo: &Repo, name: &str, objects: &[Stored]) -> Vec<String> {
    let ids: Vec<_> = (0..objects.len()).map(|number| id(name, number)).collect();
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend(u32::try_from(objects.len()).unwrap().to_be_bytes());
    let (mut offsets, mut sums): (Vec<u64>, Vec<u32>) = (Vec::new(), Vec::new());
    for stored in objects {
        let start = pack.len();
        let at = start as u64;
        match stored {
            Stored::Blob(bytes) => entry(&mut pack, 3, &[], bytes),
            Stored::Tree(bytes) => entry(&mut pack, 2, &[], bytes),
            Stored::Tag(bytes) => entry(&mut pack, 4, &[], bytes),
            Stored::After(before, delta) => {
                entry(&mut pack, 6, &distance(at - offsets[offsets.len() - before]), delta);
            }
            Stored::Back(distance_is, delta) => entry(&mut pack, 6, &distance(*distance_is), delta),
            Stored::Of(base, delta) => entry(&mut pack, 7, &unhex(base), delta),
        }
        offsets.push(at);
        sums.push(crc32(&pack[start..]));
    }
    let digest = sha1(&pack);
    pack.extend(&digest);
    let folder = repo.git_dir().join("objects/pack");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("pack-{name}.pack")), &pack).unwrap();
    std::fs::write(folder.join(format!("pack-{name}.idx")), index(&ids, (&offsets, &sums), &digest)).unwrap();
    ids
}

/// The id of an object, made up.
pub(crate) fn id(name: &str, number: usize) -> String {
    let start: u8 = name.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    format!("{number:08x}{start:02x}{:030x}", 0xabc)
}

/// A tree of these entries, each with its mode, name and id.
pub(crate) fn tree(entries: &[(&str, &str, &str)]) -> Vec<u8> {
    let entry =
        |(mode, name, id): &(&str, &str, &str)| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &unhex(id)].concat();
    entries.iter().flat_map(entry).collect()
}

/// A delta: what it starts from, what it makes, and the commands.
pub(crate) fn delta(from: u64, to: u64, commands: &[u8]) -> Vec<u8> {
    let mut delta = Vec::new();
    for mut size in [from, to] {
        while size >= 0x80 {
            delta.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
            size >>= 7;
        }
        delta.push(u8::try_from(size).unwrap());
    }
    delta.extend(commands);
    delta
}

/// The command that copies `len` bytes from `offset`.
pub(crate) fn copy(offset: u32, len: u32) -> Vec<u8> {
    let (offset, len) = (offset.to_le_bytes(), len.to_le_bytes());
    [&[0xff][..], &offset, &len[..3]].concat()
}

fn entry(pack: &mut Vec<u8>, kind: u8, base: &[u8], bytes: &[u8]) {
    let mut size = bytes.len();
    let mut byte = kind << 4 | u8::try_from(size & 15).unwrap();
    size >>= 4;
    while size > 0 {
        pack.push(byte | 0x80);
        byte = u8::try_from(size & 0x7f).unwrap();
        size >>= 7;
    }
    pack.push(byte);
    pack.extend(base);
    pack.extend(stored(bytes));
}

fn distance(mut distance: u64) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(distance & 0x7f).unwrap()];
    distance >>= 7;
    while distance > 0 {
        distance -= 1;
        bytes.insert(0, u8::try_from(distance & 0x7f).unwrap() | 0x80);
        distance >>= 7;
    }
    bytes
}

/// The bytes as zlib has them where it does not compress.
pub(crate) fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xffff).peekable();
    if blocks.peek().is_none() {
        zlib.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let len = u16::try_from(block.len()).unwrap();
        zlib.push(u8::from(blocks.peek().is_none()));
        zlib.extend(len.to_le_bytes());
        zlib.extend((!len).to_le_bytes());
        zlib.extend(block);
    }
    let (mut one, mut two) = (1_u32, 0_u32);
    for &byte in bytes {
        one = (one + u32::from(byte)) % 65_521;
        two = (two + one) % 65_521;
    }
    zlib.extend((two << 16 | one).to_be_bytes());
    zlib
}

fn index(ids: &[String], (offsets, sums): (&[u64], &[u32]), pack: &[u8]) -> Vec<u8> {
    let mut sorted: Vec<_> = ids.iter().map(|id| unhex(id)).zip(offsets.iter().zip(sums)).collect();
    sorted.sort();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255 {
        let below = sorted.iter().filter(|(id, _)| id[0] <= first).count();
        index.extend(u32::try_from(below).unwrap().to_be_bytes());
    }
    for (id, _) in &sorted {
        index.extend(id);
    }
    for (_, (_, sum)) in &sorted {
        index.extend(sum.to_be_bytes());
    }
    for (_, (offset, _)) in &sorted {
        index.extend(u32::try_from(**offset).unwrap().to_be_bytes());
    }
    index.extend(pack);
    let digest = sha1(&index);
    index.extend(digest);
    index
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    };
    !bytes.iter().fold(!0, step)
}

fn unhex(id: &str) -> Vec<u8> {
    (0..id.len() / 2).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn sha1(bytes: &[u8]) -> Vec<u8> {
    let mut child = Command::new("sha1sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    unhex(&String::from_utf8_lossy(&output.stdout)[..40])
}
