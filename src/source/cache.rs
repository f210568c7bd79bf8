//! Decides how it is remembered which objects of a repository hold nothing, so that they need not be searched again.
//!
//! A cache is two files in a folder that the user names. One lists the ids of objects that were searched and hold
//! nothing at all, in order; the other says what the whole repository was like when nothing was found in it. Both are
//! named by what decides the result: the rules, the version and the limits. Nothing in them tells a secret: what was
//! found is found again each time. A file that is damaged or that another program wrote is of no use and is not used.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::git::{ObjectFormat, ObjectId, State};

/// What both files begin with.
const MAGIC: &[u8] = b"barewire cache 1\n";

/// Bytes of the digest that ends both files.
const DIGEST: usize = 32;

/// How many names are tried for a new file.
const MOST_ATTEMPTS: u32 = 100;

/// A cache of more than this is not read, in bytes.
const LARGEST: u64 = 4 << 30;

/// A folder in which it is remembered what holds nothing.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    key: String,
}

/// A file of the cache that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub detail: String,
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the cache {}: {}", self.path.display(), self.detail)
    }
}

impl Cache {
    /// The cache in `folder` for results that are decided by `conditions`.
    pub fn new(folder: PathBuf, conditions: &str) -> Self {
        Self { folder, key: blake3::hash(conditions.as_bytes()).to_hex()[..32].to_owned() }
    }

    /// What was remembered of a repository in this state.
    ///
    /// # Errors
    /// The file is there and cannot be used.
    pub fn verdict(&self, state: &State) -> Result<Option<Vec<u8>>, Unusable> {
        let content = self.load(&self.path("state"))?;
        Ok(content.and_then(|content| content.strip_prefix(state.as_bytes()).map(<[u8]>::to_vec)))
    }

    /// The ids of objects that hold nothing, in order.
    ///
    /// # Errors
    /// The file is there and cannot be used.
    pub fn clean(&self, format: ObjectFormat) -> Result<Vec<ObjectId>, Unusable> {
        let path = self.path("ids");
        let content = self.load(&path)?.unwrap_or_default();
        let ids: Vec<ObjectId> = content.chunks_exact(format.id_len()).filter_map(ObjectId::from_bytes).collect();
        if content.len() != ids.len() * format.id_len() || !ids.is_sorted() {
            return Err(Unusable { path, detail: "it is no list of ids".to_owned() });
        }
        Ok(ids)
    }

    /// Remembers `verdict` of a repository in this state.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember(&self, state: &State, verdict: &[u8]) -> Result<(), Unusable> {
        self.store(&self.path("state"), &[&state.as_bytes()[..], verdict].concat())
    }

    /// Remembers the ids of objects that hold nothing; they must be in order.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember_clean(&self, ids: &[ObjectId]) -> Result<(), Unusable> {
        let content: Vec<u8> = ids.iter().flat_map(ObjectId::as_bytes).copied().collect();
        self.store(&self.path("ids"), &content)
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.key))
    }

    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, Unusable> {
        let unusable = |detail: String| Unusable { path: path.to_owned(), detail };
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(metadata) if metadata.is_file() && metadata.len() <= LARGEST => {}
            Ok(_) => return Err(unusable("it is no file of reasonable size".to_owned())),
            Err(error) => return Err(unusable(error.to_string())),
        }
        let bytes = fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let damaged = || unusable("it is damaged, or another program wrote it".to_owned());
        let (content, digest) = bytes.split_last_chunk::<DIGEST>().ok_or_else(damaged)?;
        let content = content.strip_prefix(MAGIC).ok_or_else(damaged)?;
        if *self.digest(content).as_bytes() != *digest {
            return Err(damaged());
        }
        Ok(Some(content.to_vec()))
    }

    /// Writes a file beside `path` and puts it in its place when it is whole.
    fn store(&self, path: &Path, content: &[u8]) -> Result<(), Unusable> {
        let write = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let (beside, mut file) = create_beside(path)?;
            let written =
                [MAGIC, content, self.digest(content).as_bytes()].iter().try_for_each(|part| file.write_all(part));
            let placed = written.and_then(|()| fs::rename(&beside, path));
            if placed.is_err() {
                // It is of no use to anybody.
                drop(fs::remove_file(&beside));
            }
            placed
        };
        write().map_err(|error| Unusable { path: path.to_owned(), detail: error.to_string() })
    }

    /// The digest depends on the key, so that a file that was renamed is not taken for another.
    fn digest(&self, content: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.key.as_bytes()).update(content);
        hasher.finalize()
    }
}

/// Creates a file beside `path` that was not there, not even as a link, and that nobody else can read.
fn create_beside(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut attempt = 0;
    loop {
        let beside = path.with_extension(format!("{}-{attempt}.tmp", std::process::id()));
        match options.open(&beside) {
            // Another process had the same number, and did not come to its end.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < MOST_ATTEMPTS => attempt += 1,
            result => return result.map(|file| (beside, file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_comes_back_and_what_is_damaged_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("new"), "rules");
        let ids = [1, 2].map(|byte| ObjectId::from_bytes(&[byte; 20]).unwrap());
        assert_eq!(cache.clean(ObjectFormat::Sha1), Ok(Vec::new()));
        cache.remember_clean(&ids).unwrap();
        assert_eq!(cache.clean(ObjectFormat::Sha1).unwrap(), ids);
        assert_eq!(Cache::new(folder.path().join("new"), "other rules").clean(ObjectFormat::Sha1), Ok(Vec::new()));
        let path = cache.path("ids");
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert!(cache.clean(ObjectFormat::Sha1).is_err(), "byte {at}");
            fs::write(&path, &bytes[..at]).unwrap();
            assert!(cache.clean(ObjectFormat::Sha1).is_err(), "cut at {at}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_new_file_leads_nowhere() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"), "rules");
        let (path, victim) = (cache.path("ids"), folder.path().join("victim"));
        fs::create_dir(folder.path().join("cache")).unwrap();
        fs::write(&victim, "precious").unwrap();
        for name in [format!("{}.tmp", std::process::id()), format!("{}-0.tmp", std::process::id())] {
            std::os::unix::fs::symlink(&victim, path.with_extension(name)).unwrap();
        }
        cache.remember_clean(&[]).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        let metadata = fs::symlink_metadata(&path).unwrap();
        assert_eq!((metadata.is_file(), metadata.permissions().mode() & 0o777), (true, 0o600));
        assert_eq!(cache.clean(ObjectFormat::Sha1), Ok(Vec::new()));
        assert_eq!(fs::read_dir(folder.path().join("cache")).unwrap().count(), 3, "nothing is left behind");
    }
}
