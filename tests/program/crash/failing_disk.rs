//! The disk is full for a while, or some of its writes and syncs fail, while everybody is at work: they hear that it cannot be done at the moment, and
//! are served again when it can. Then the power goes, so that nothing is taken for kept that a failed sync has lost.

use testkit::power_cut::Kind;

use super::power_cuts::Machine;
use super::scene::{Excuses, Scene, moment};
use super::{Mishap, again_and_again, rounds};
use crate::installation::Installation;
use crate::waiting::wait;

const TROUBLES: [Kind; 4] = [Kind::Full, Kind::FailingWrites(20), Kind::FailingSyncs(5), Kind::FailingSyncs(1)];

struct FailingDisk {
    machine: Machine,
    failures: u64,
}

impl Mishap for FailingDisk {
    fn scene(&mut self) -> Scene {
        // What it warns of is what is done to it.
        Scene::new(Installation::new().setting("YANSHU_LOG__LEVEL", "off"), Excuses::Temporary)
    }

    fn round(&mut self, scene: &Scene, round: u64) {
        let (mut server, disk, trouble) = self.machine.serve(scene);
        scene.at_work(round, || {
            wait(moment(round) / 2);
            trouble.begin(TROUBLES[(round % 4) as usize]);
            wait(moment(round + 7));
            trouble.end();
            assert_eq!(server.ended(), None, "the server has gone");
            scene.wait_until_everybody_is_served_again();
            server.kill();
        });
        self.failures += u64::from(trouble.failures());
        self.machine.lose_power(scene, disk);
    }

    /// What failed is tried again after a pause, which is longer than some rounds.
    fn rounds_between_looks(&self) -> u64 {
        13
    }
}

#[test]
fn what_was_answered_ok_is_there_once_after_writes_and_syncs_that_failed() {
    if let Some(machine) = Machine::new() {
        let mut mishap = FailingDisk { machine, failures: 0 };
        again_and_again("failing disks", rounds(), &mut mishap);
        assert!(mishap.failures > 0);
        println!("{} writes and syncs failed", mishap.failures);
    }
}
