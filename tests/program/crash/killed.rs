//! The server is killed: the database engine and the blobs recover what the operating system was given.

use super::scene::{Excuses, Scene};
use super::{Mishap, again_and_again, rounds};
use crate::installation::Installation;

struct Killed(fn() -> Installation);

impl Mishap for Killed {
    fn scene(&mut self) -> Scene {
        Scene::new((self.0)(), Excuses::None)
    }

    fn round(&mut self, scene: &Scene, round: u64) {
        scene.killed_at_work(round, scene.installation.serve());
    }
}

#[test]
fn what_was_answered_ok_is_there_once_after_kills_on_sqlite() {
    again_and_again("kills on SQLite", rounds(), &mut Killed(Installation::new));
}

#[test]
fn what_was_answered_ok_is_there_once_after_kills_on_postgresql() {
    if Installation::on_postgres().is_some() {
        again_and_again("kills on PostgreSQL", rounds(), &mut Killed(|| Installation::on_postgres().expect("it was there a moment ago")));
    }
}
