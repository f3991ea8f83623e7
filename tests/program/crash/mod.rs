//! What was answered OK is there, once, and nothing is half done, whatever happens to the server while many work on it.
//!
//! Each round starts the server, lets senders, submitters, readers who arrange their mail, and importers work on it, and does something to it at a
//! moment that chance chooses: [`killed`] kills it, [`database_killed`] kills the database under it,
//! [`power_cuts`] takes what was not synced away from it, [`failing_disk`] lets writes and syncs fail. Then [`check`] looks at everything from outside and runs `yanshu verify`.
//! [`load`] are those who work, [`acknowledged`] is what they were told, [`scene`] holds both together.
//!
//! `YANSHU_CRASH_ROUNDS` sets how many rounds; `make crash ROUNDS=1000` runs all kinds.

mod acknowledged;
mod check;
mod cluster;
mod database_killed;
mod failing_disk;
mod killed;
mod load;
mod outside;
mod power_cuts;
mod scene;

use std::collections::BTreeMap;

use scene::Scene;

/// How many rounds of each kind.
fn rounds() -> u64 {
    std::env::var("YANSHU_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(25)
}

/// A round with the database takes as long as some of the others, because everybody has to find back to it.
const DATABASE_ROUNDS_FOR: u64 = 5;
/// After so many rounds a new organisation begins, because looking takes longer the more there is.
const ROUNDS_OF_ONE_SCENE: u64 = 100;

/// What was done to how many scenes, for the record.
#[derive(Default)]
struct Tally {
    rounds: u64,
    repeated: usize,
    counts: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Adds a scene that has come to its end; each kind of work was done in it.
    fn add(&mut self, scene: &Scene, rounds: u64) {
        let done = scene.done();
        assert!(scene.has_done_more_than(&BTreeMap::new()), "something was never done: {done:?}");
        assert!(!scene.acknowledged().imports.is_empty());
        let repeated = scene.outside.repeated();
        // Only what was between the next hop's 250 and our commit at the moment of a kill may come again: one for each connection.
        assert!(repeated as u64 <= rounds * 4, "{repeated} came twice");
        self.rounds += rounds;
        self.repeated += repeated;
        let refusals = scene.acknowledged().counts.get("refusals").copied().unwrap_or(0);
        for (kind, count) in done.into_iter().chain([("refusals", refusals)]) {
            *self.counts.entry(kind).or_default() += count;
        }
    }

    fn tell(&self, what: &str) {
        let counts: Vec<_> = self.counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        println!("{} {what}: {}; {} sent out twice", self.rounds, counts.join(", "), self.repeated);
    }
}

/// What happens to the server.
trait Mishap {
    fn scene(&mut self) -> Scene;
    /// Everybody at work, and it happens once.
    fn round(&mut self, scene: &Scene, round: u64);
    /// After so many rounds everything is looked at.
    fn rounds_between_looks(&self) -> u64 {
        5
    }

    /// Looks at what is left, on a server that runs.
    fn look(&mut self, scene: &Scene) {
        let _server = scene.installation.serve();
        scene.look();
    }
    /// Before a scene is taken away.
    fn end(&mut self) {}
}

/// All rounds, in scenes of some.
fn again_and_again(what: &str, rounds: u64, mishap: &mut dyn Mishap) {
    let mut tally = Tally::default();
    while tally.rounds < rounds {
        let scene = mishap.scene();
        let here = ROUNDS_OF_ONE_SCENE.min(rounds - tally.rounds);
        for number in 1..=here {
            mishap.round(&scene, tally.rounds + number);
            if number.is_multiple_of(mishap.rounds_between_looks()) || number == here {
                mishap.look(&scene);
            }
        }
        mishap.end();
        tally.add(&scene, here);
    }
    tally.tell(what);
}
