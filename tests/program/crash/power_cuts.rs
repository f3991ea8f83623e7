//! The power goes while everybody is at work: the program on SQLite and pack files, over a disk that drops, reorders and tears what was not synced.
//!
//! What the server does to its files is written down until it is killed; then a disk is made of it as a machine could find it after its power went
//! at that moment, and the server is started on that. It never sees the files it had in memory again.

use std::panic::AssertUnwindSafe;
use std::process::{Command, Stdio};

use testkit::power_cut::{Disk, Recorder, Trouble, read_journal};

use super::acknowledged::Chance;
use super::scene::{Excuses, Scene, moment};
use super::{Mishap, again_and_again, rounds};
use crate::installation::{Installation, Server};
use crate::waiting::wait;

/// The disk below the data of a scene.
pub struct Machine {
    tools: tempfile::TempDir,
    recorder: Recorder,
    chance: Chance,
    /// Files whose syncs this disk answers and does not do.
    lies_about: Option<&'static str>,
}

impl Machine {
    /// `None` where the recorder cannot be built.
    pub fn new() -> Option<Self> {
        let tools = tempfile::tempdir().unwrap();
        let recorder = Recorder::build(tools.path())?;
        Some(Self { tools, recorder, chance: Chance(0x5961_6e73_6875), lies_about: None })
    }

    /// A server whose every write is written down.
    pub fn serve(&self, scene: &Scene) -> (Server, Disk, Trouble) {
        let (command, disk, trouble) = self.prepare(scene);
        (scene.installation.start(command), disk, trouble)
    }

    /// The power goes again while the server is starting on what was left.
    fn lose_power_at_the_start(&mut self, scene: &Scene, round: u64) {
        let (mut command, disk, _) = self.prepare(scene);
        let mut server = command.stdout(Stdio::null()).spawn().unwrap();
        wait(moment(round) / 5);
        server.kill().unwrap();
        server.wait().unwrap();
        self.lose_power(scene, disk);
    }

    fn prepare(&self, scene: &Scene) -> (Command, Disk, Trouble) {
        let root = scene.installation.data();
        let disk = Disk::with_files_of(&root).lying_about(self.lies_about);
        let mut command = scene.installation.command(&["serve"]);
        let journal = self.tools.path().join("journal");
        self.recorder.watch(&mut command, &root, &journal);
        let trouble = Trouble::prepare(&mut command, &self.tools.path().join("trouble"));
        // A command that finds no server works on the data itself: what it does has to be written down, too.
        let watched =
            command.get_envs().filter(|(name, _)| name.to_str().is_some_and(|name| name == "LD_PRELOAD" || name.starts_with("POWER_CUT_")));
        scene.set_environment(watched.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect());
        (command, disk, trouble)
    }

    /// The power is gone, and the server with it: puts in place of its data what a machine could find.
    pub fn lose_power(&mut self, scene: &Scene, mut disk: Disk) {
        scene.set_environment(Vec::new());
        let journal = self.tools.path().join("journal");
        for step in read_journal(&std::fs::read(&journal).unwrap_or_default()) {
            disk.apply(&step);
        }
        // One that was killed before it had begun has left none.
        let _ = std::fs::remove_file(journal);
        let (root, found) = (scene.installation.data(), scene.installation.path("found"));
        std::fs::create_dir(&found).unwrap();
        disk.after_power_cut(&root, &found, &mut |below| self.chance.below(below));
        std::fs::remove_dir_all(&root).unwrap();
        std::fs::rename(&found, &root).unwrap();
    }
}

struct PowerCut(Machine);

impl Mishap for PowerCut {
    fn scene(&mut self) -> Scene {
        Scene::new(Installation::new(), Excuses::None)
    }

    fn round(&mut self, scene: &Scene, round: u64) {
        let (server, disk, _) = self.0.serve(scene);
        scene.killed_at_work(round, server);
        self.0.lose_power(scene, disk);
        if round.is_multiple_of(3) {
            self.0.lose_power_at_the_start(scene, round);
        }
    }
}

#[test]
fn what_was_answered_ok_is_there_once_after_power_cuts() {
    if let Some(machine) = Machine::new() {
        again_and_again("power cuts", rounds(), &mut PowerCut(machine));
    }
}

/// A test that could not fail would show nothing: on a disk that only says that it has synced, something is missed soon.
#[test]
fn a_disk_that_only_says_it_has_synced_is_noticed() {
    for lie in [".pack", ".db-wal"] {
        let Some(mut machine) = Machine::new() else { return };
        machine.lies_about = Some(lie);
        let scene = Scene::new(Installation::new(), Excuses::None);
        let mut mishap = PowerCut(machine);
        let noticed = (1..=10).any(|round| {
            let lost = || {
                mishap.round(&scene, round);
                let _server = scene.installation.serve();
                scene.look_at_what_must_be_there_at_once();
            };
            std::panic::catch_unwind(AssertUnwindSafe(lost)).is_err()
        });
        assert!(noticed, "nobody noticed that {lie} was never synced");
    }
}
