//! A server that is killed in the middle of an import goes on with it, and the end is the same.

use crate::installation::{Installation, sample};
use crate::waiting::wait_until;

fn members(installation: &Installation) -> usize {
    installation.json(&["member", "list", "--org", "kn", "--limit", "500"], 0).as_array().unwrap().len()
}

fn killed_and_resumed(installation: Installation) {
    let installation = installation.set_up();
    let mut server = installation.serve();
    let file = sample("members-hospital.xlsx");
    let mut import = installation.command(&["member", "import", file.to_str().unwrap(), "--org", "kn"]).spawn().unwrap();
    wait_until("the first members", || members(&installation) > 1);
    server.kill();
    import.wait().unwrap();
    let server = installation.serve();
    wait_until("the rest of the members", || members(&installation) == 300);
    wait_until("the end of the import", || installation.json(&["import", "list", "--org", "kn"], 0)[0]["state"] == "applied");
    let end = &installation.json(&["import", "list", "--org", "kn"], 0)[0];
    assert_eq!((&end["rows_applied"], &end["rows_failed"]), (&299.into(), &0.into()));
    assert_eq!(installation.json(&["verify"], 0)["sound"], true);
    drop(server);
}

#[test]
fn an_import_goes_on_after_a_kill_on_sqlite() {
    killed_and_resumed(Installation::new());
}

#[test]
fn an_import_goes_on_after_a_kill_on_postgresql() {
    if let Some(installation) = Installation::on_postgres() {
        killed_and_resumed(installation);
    }
}
