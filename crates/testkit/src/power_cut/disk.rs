//! A disk that forgets: plays a journal back up to a point and leaves what a machine could find after the power went there.

use std::collections::{BTreeMap, HashMap};
use std::fs::Permissions;
use std::os::unix::fs::{DirEntryExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// One record of the journal.
pub enum Step {
    Open {
        file: u32,
        path: PathBuf,
        what: Opened,
        /// By which the file system knows it, under whatever name.
        number: u64,
    },
    /// What stands in a folder that was opened.
    Names {
        file: u32,
        files: Vec<(u64, PathBuf)>,
    },
    Write {
        file: u32,
        offset: usize,
        data: Vec<u8>,
    },
    Truncate {
        file: u32,
        length: usize,
    },
    Sync {
        file: u32,
    },
    /// The program was told that a sync failed. What the disk made of it nobody knows, and no later sync makes up for it.
    FailedSync {
        file: u32,
    },
    Unlink {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    Print {
        text: Vec<u8>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    File,
    EmptiedFile,
    NewFile,
    Folder,
}

/// Reads a whole journal; a record that was cut off by the end of the program is left out.
pub fn read_journal(bytes: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = bytes;
    while let Some((head, tail)) = rest.split_first_chunk::<17>() {
        let file = u32::from_ne_bytes(head[1..5].try_into().expect("four bytes"));
        let number = u64::from_ne_bytes(head[5..13].try_into().expect("eight bytes"));
        let offset = number as usize;
        let length = u32::from_ne_bytes(head[13..17].try_into().expect("four bytes")) as usize;
        let Some((data, tail)) = tail.split_at_checked(length) else { break };
        rest = tail;
        let path = || PathBuf::from(String::from_utf8(data.to_vec()).expect("paths of tests are text"));
        let pair = || {
            let text = std::str::from_utf8(data).expect("paths of tests are text");
            let (from, to) = text.split_once('\n').expect("two paths");
            (PathBuf::from(from), PathBuf::from(to))
        };
        steps.push(match head[0] {
            b'O' => Step::Open { file, path: path(), what: Opened::File, number },
            b'E' => Step::Open { file, path: path(), what: Opened::EmptiedFile, number },
            b'C' => Step::Open { file, path: path(), what: Opened::NewFile, number },
            b'D' => Step::Open { file, path: path(), what: Opened::Folder, number },
            b'N' => {
                let lines = std::str::from_utf8(data).expect("names of tests are text").lines();
                let files =
                    lines.filter_map(|line| line.split_once(' ')).map(|(number, name)| (number.parse().expect("a number"), name.into()));
                Step::Names { file, files: files.collect() }
            }
            b'W' => Step::Write { file, offset, data: data.to_vec() },
            b'T' => Step::Truncate { file, length: offset },
            b'S' => Step::Sync { file },
            b'F' => Step::FailedSync { file },
            b'U' => Step::Unlink { path: path() },
            b'R' => {
                let (from, to) = pair();
                Step::Rename { from, to }
            }
            b'L' => {
                let (from, to) = pair();
                Step::Link { from, to }
            }
            b'P' => Step::Print { text: data.to_vec() },
            other => panic!("no such record: {other}"),
        });
    }
    steps
}

enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// One file's contents: what a sync has made sure of, and what has come since.
#[derive(Default)]
struct Inode {
    synced: Vec<u8>,
    since: Vec<Change>,
}

#[derive(Clone)]
enum EntryChange {
    Set(PathBuf, usize),
    Remove(PathBuf),
    /// A file, or a folder with everything below it.
    Move {
        from: PathBuf,
        to: PathBuf,
        files: Vec<(PathBuf, usize)>,
    },
}

/// The disk at some point of the journal. Names are as forgetful as contents: a new, renamed or removed name is sure once its folder was synced.
#[derive(Default)]
pub struct Disk {
    inodes: Vec<Inode>,
    /// What the running program sees.
    names: BTreeMap<PathBuf, usize>,
    /// Which file has which number on the real disk.
    numbers: HashMap<u64, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    name_changes: Vec<EntryChange>,
    open: BTreeMap<u32, Handle>,
    /// Files whose names contain this are never really synced.
    lies_about: Option<&'static str>,
    failures: u64,
}

enum Handle {
    File(usize),
    /// One whose syncs are not done.
    Forgetful(usize),
    Folder(PathBuf),
}

impl Disk {
    /// A disk that holds what a folder holds, all of it synced.
    pub fn with_files_of(root: &Path) -> Self {
        let mut disk = Self::default();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder that can be read").flatten() {
                let path = entry.path();
                let kind = entry.file_type().expect("an entry that is there");
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() {
                    disk.inodes.push(Inode { synced: std::fs::read(&path).expect("a file that can be read"), since: Vec::new() });
                    disk.numbers.insert(entry.ino(), disk.inodes.len() - 1);
                    disk.names.insert(path, disk.inodes.len() - 1);
                }
            }
        }
        disk.synced_names = disk.names.clone();
        disk
    }

    /// One that answers syncs of some files without doing them, as broken disks do: to see that a test would notice.
    pub fn lying_about(mut self, names: Option<&'static str>) -> Self {
        self.lies_about = names;
        self
    }

    /// Does one step. `root` itself and the folders below it are taken as there and synced.
    pub fn apply(&mut self, step: &Step) {
        match step {
            Step::Open { file, path, what: Opened::Folder, .. } => {
                self.open.insert(*file, Handle::Folder(path.clone()));
            }
            Step::Open { file, path, what, number } => {
                let inode = self.inode(path, *number, *what == Opened::NewFile);
                if *what == Opened::EmptiedFile {
                    self.inodes[inode].since.push(Change::Truncate(0));
                }
                let is_forgetful = self.lies_about.is_some_and(|part| path.to_string_lossy().contains(part));
                self.open.insert(*file, if is_forgetful { Handle::Forgetful(inode) } else { Handle::File(inode) });
            }
            Step::Names { file, files } => {
                let Handle::Folder(folder) = &self.open[file] else { return };
                let files: BTreeMap<PathBuf, u64> = files.iter().map(|(number, name)| (folder.join(name), *number)).collect();
                let gone = self.names.keys().filter(|path| path.parent() == Some(folder) && !files.contains_key(*path));
                let gone: Vec<_> = gone.cloned().collect();
                for (path, number) in files {
                    if let Some(inode) = self.numbers.get(&number).copied() {
                        self.is_called(&path, inode);
                    }
                }
                gone.into_iter().for_each(|path| self.rename_step(EntryChange::Remove(path)));
            }
            Step::Write { file, offset, data } => self.change(*file, Change::Write(*offset, data.clone())),
            Step::Truncate { file, length } => self.change(*file, Change::Truncate(*length)),
            Step::Sync { file } => match &self.open[file] {
                Handle::File(inode) => {
                    let inode = &mut self.inodes[*inode];
                    for change in std::mem::take(&mut inode.since) {
                        change.apply(&mut inode.synced);
                    }
                }
                Handle::Forgetful(_) => {}
                Handle::Folder(folder) => {
                    let folder = folder.clone();
                    let mut open = Vec::new();
                    for change in std::mem::take(&mut self.name_changes) {
                        if change.path().parent() != Some(&folder) {
                            open.push(change);
                            continue;
                        }
                        if let EntryChange::Move { from, .. } = &change {
                            // It takes with it what is below.
                            open.retain(|earlier: &EntryChange| !earlier.path().starts_with(from));
                        }
                        change.apply(&mut self.synced_names);
                    }
                    self.name_changes = open;
                }
            },
            Step::FailedSync { file } => {
                if let Handle::File(inode) = &self.open[file] {
                    // The system forgets that these were still to be written, some of which it has written.
                    let failures = &mut self.failures;
                    self.inodes[*inode].since.retain(|_| {
                        *failures = failures.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        *failures >> 63 == 0
                    });
                }
            }
            Step::Unlink { path } => self.rename_step(EntryChange::Remove(path.clone())),
            Step::Rename { from, to } => {
                let below = self.names.iter().filter(|(path, _)| path.starts_with(from));
                let files: Vec<_> = below.map(|(path, inode)| (path.clone(), *inode)).collect();
                self.rename_step(EntryChange::Move { from: from.clone(), to: to.clone(), files });
            }
            Step::Link { from, to } => {
                if let Some(inode) = self.names.get(from).copied() {
                    self.rename_step(EntryChange::Set(to.clone(), inode));
                }
            }
            Step::Print { .. } => {}
        }
    }

    /// The file that was opened under a name.
    fn inode(&mut self, path: &Path, number: u64, is_new: bool) -> usize {
        let known = if is_new { None } else { self.numbers.get(&number).or_else(|| self.names.get(path)).copied() };
        let inode = known.unwrap_or_else(|| {
            self.inodes.push(Inode::default());
            self.inodes.len() - 1
        });
        self.numbers.insert(number, inode);
        self.is_called(path, inode);
        inode
    }

    /// A name that may have been given by a call that was not seen.
    fn is_called(&mut self, path: &Path, inode: usize) {
        if self.names.get(path) != Some(&inode) {
            self.rename_step(EntryChange::Set(path.to_owned(), inode));
        }
    }

    fn rename_step(&mut self, change: EntryChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }

    fn change(&mut self, file: u32, change: Change) {
        match &self.open[&file] {
            Handle::File(inode) | Handle::Forgetful(inode) => self.inodes[*inode].since.push(change),
            Handle::Folder(path) => panic!("{} was written to", path.display()),
        }
    }

    /// What could be found after the power went now: of every unsynced change any may be there or not, and one may be torn at a sector. `chance`
    /// answers a number below its argument. Files are written below `target` instead of `root`.
    pub fn after_power_cut(&self, root: &Path, target: &Path, chance: &mut dyn FnMut(usize) -> usize) {
        let mut names = self.synced_names.clone();
        // Journaling file systems keep the order of changes to names.
        let kept = chance(self.name_changes.len() + 1);
        self.name_changes[..kept].iter().for_each(|change| change.apply(&mut names));
        for (path, inode) in names {
            let inode = &self.inodes[inode];
            let mut contents = inode.synced.clone();
            // Sometimes all or nothing got out, mostly some.
            let rule = chance(4);
            for change in &inode.since {
                match (rule, change) {
                    (0, _) => {}
                    (1, change) => change.apply(&mut contents),
                    (_, Change::Write(offset, data)) => match chance(3) {
                        0 => {}
                        1 => change.apply(&mut contents),
                        _ => {
                            let sectors = chance(data.len() / 512 + 1);
                            Change::Write(*offset, data[..sectors * 512].to_vec()).apply(&mut contents);
                        }
                    },
                    (_, change) => {
                        if chance(2) == 1 {
                            change.apply(&mut contents);
                        }
                    }
                }
            }
            let place = target.join(path.strip_prefix(root).expect("only what is below the root is written down"));
            std::fs::create_dir_all(place.parent().expect("below the target")).expect("a folder of the test's own");
            std::fs::write(&place, contents).expect("a file of the test's own");
            std::fs::set_permissions(&place, Permissions::from_mode(0o600)).expect("a file of the test's own");
        }
    }
}

impl Change {
    fn apply(&self, contents: &mut Vec<u8>) {
        match self {
            Self::Write(offset, data) => {
                let end = offset + data.len();
                if contents.len() < end {
                    contents.resize(end, 0);
                }
                contents[*offset..end].copy_from_slice(data);
            }
            Self::Truncate(length) => contents.resize(*length, 0),
        }
    }
}

impl EntryChange {
    fn path(&self) -> &Path {
        match self {
            Self::Set(path, _) | Self::Remove(path) | Self::Move { to: path, .. } => path,
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Set(path, inode) => {
                names.insert(path.clone(), *inode);
            }
            Self::Remove(path) => {
                names.remove(path);
            }
            Self::Move { from, to, files } => {
                names.retain(|path, _| !path.starts_with(from));
                for (path, inode) in files {
                    let below = path.strip_prefix(from).expect("files of what is moved");
                    names.insert(if below.as_os_str().is_empty() { to.clone() } else { to.join(below) }, *inode);
                }
            }
        }
    }
}
