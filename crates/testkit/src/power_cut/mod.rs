//! Power cuts and failing disks for a program under test, without a machine that is switched off.
//!
//! A library loaded into the program ([`Recorder`]) writes down every change it makes to files below a folder, and every sync, in the order they
//! happened; on demand it makes writes and syncs fail ([`Trouble`]). [`Disk`] plays the journal back up to any point and leaves what a machine
//! could find after the power went there.

mod disk;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use disk::{Disk, Step, read_journal};

/// The library, built for this test.
pub struct Recorder {
    library: PathBuf,
}

impl Recorder {
    /// Builds it in a folder of the test's own; `None`, and a line that says so, where there is no C compiler.
    pub fn build(folder: &Path) -> Option<Self> {
        let source = folder.join("journal.c");
        std::fs::write(&source, include_str!("journal.c")).expect("a folder of the test's own");
        let library = folder.join("journal.so");
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).args(["-ldl", "-lpthread"]).status();
        let Ok(status) = built else {
            println!("skipped: no C compiler (cc) on this machine");
            return None;
        };
        assert!(status.success(), "the journal does not compile");
        Some(Self { library })
    }

    /// Has a program write down what it does below `root`.
    pub fn watch(&self, program: &mut Command, root: &Path, journal: &Path) {
        program.env("LD_PRELOAD", &self.library).env("POWER_CUT_ROOT", root).env("POWER_CUT_JOURNAL", journal);
    }
}

/// What is wrong with the disk of a program that is watched, from one moment to the next.
pub struct Trouble(File);

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No file grows, and none is made.
    Full,
    /// One of so many writes fails.
    FailingWrites(u32),
    /// One of so many syncs fails, and what it should have kept may be lost.
    FailingSyncs(u32),
}

impl Trouble {
    /// None at first. `file` is the test's own.
    pub fn prepare(program: &mut Command, file: &Path) -> Self {
        let numbers = File::options().create(true).truncate(true).read(true).write(true).open(file).expect("a file of the test's own");
        numbers.set_len(16).expect("a file of the test's own");
        program.env("POWER_CUT_TROUBLE", file);
        Self(numbers)
    }

    pub fn begin(&self, kind: Kind) {
        let numbers = match kind {
            Kind::Full => [1, 0, 0],
            Kind::FailingWrites(many) => [0, many, 0],
            Kind::FailingSyncs(many) => [0, 0, many],
        };
        self.set(numbers);
    }

    pub fn end(&self) {
        self.set([0; 3]);
    }

    /// How often something was made to fail.
    pub fn failures(&self) -> u32 {
        let mut number = [0; 4];
        self.0.read_exact_at(&mut number, 12).expect("a file of the test's own");
        u32::from_ne_bytes(number)
    }

    fn set(&self, numbers: [u32; 3]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
        self.0.write_all_at(&bytes, 0).expect("a file of the test's own");
    }
}
