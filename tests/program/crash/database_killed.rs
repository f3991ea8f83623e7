//! The database server is killed and started again, while Yanshu runs on: it answers honest temporary errors, and goes on by itself.

use super::cluster::{Cluster, End};
use super::scene::{Excuses, Scene, moment};
use super::{DATABASE_ROUNDS_FOR, Mishap, ROUNDS_OF_ONE_SCENE, again_and_again, rounds};
use crate::installation::{Installation, Server};
use crate::waiting::wait;

struct DatabaseKilled {
    cluster: Cluster,
    server: Option<Server>,
}

impl Mishap for DatabaseKilled {
    fn scene(&mut self) -> Scene {
        let installation = Installation::new().setting("YANSHU_STORAGE__SQL", &self.cluster.new_database());
        // What it warns of is what is done to it.
        let scene = Scene::new(installation.setting("YANSHU_LOG__LEVEL", "off"), Excuses::Temporary);
        self.server = Some(scene.installation.serve());
        scene
    }

    fn round(&mut self, scene: &Scene, round: u64) {
        scene.at_work(round, || {
            wait(moment(round) / 2);
            self.cluster.end(if round.is_multiple_of(2) { End::Immediate } else { End::Killed });
            wait(moment(round + 7) / 4);
            self.cluster.start();
            scene.wait_until_everybody_is_served_again();
        });
    }

    /// What had begun when the database went is tried again after a pause, which is longer than some rounds.
    fn rounds_between_looks(&self) -> u64 {
        ROUNDS_OF_ONE_SCENE
    }

    /// The server that was there all the time.
    fn look(&mut self, scene: &Scene) {
        scene.look();
    }

    fn end(&mut self) {
        assert_eq!(self.server.take().expect("it ran all the time").stop(), Some(0));
    }
}

#[test]
fn what_was_answered_ok_is_there_once_after_kills_of_the_database() {
    if let Some(cluster) = Cluster::start_new() {
        again_and_again("kills of PostgreSQL", rounds().div_ceil(DATABASE_ROUNDS_FOR), &mut DatabaseKilled { cluster, server: None });
    }
}
