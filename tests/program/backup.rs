//! A backup of a running server comes back whole, on either engine.

use crate::installation::{Installation, assert_ok, sample, sentence, text};

fn filled(installation: Installation) -> Installation {
    let installation = installation.set_up();
    installation.json(&["member", "import", sample("members-hospital.xlsx").to_str().unwrap(), "--org", "kn"], 3);
    installation
}

fn restore_into(target: &Installation, backup: &str, key: &str) {
    assert_ok(&target.run(&["restore", backup, "--key-file", key]));
    assert_eq!(target.json(&["verify"], 0)["sound"], true);
    let members = target.json(&["member", "list", "--org", "kn", "--limit", "500"], 0);
    assert_eq!(members.as_array().unwrap().len(), 300);
}

#[test]
fn a_backup_of_a_running_server_comes_back_whole() {
    let installation = filled(Installation::new());
    let server = installation.serve();
    let (backup, key) = (installation.path("backup"), installation.path("key"));
    assert_ok(&installation.run(&["backup", backup.to_str().unwrap(), "--key-bundle", key.to_str().unwrap()]));
    assert_eq!(server.get("/readyz").0, 200);
    restore_into(&Installation::new(), backup.to_str().unwrap(), key.to_str().unwrap());
    if let Some(postgres) = Installation::on_postgres() {
        restore_into(&postgres, backup.to_str().unwrap(), key.to_str().unwrap());
    }
}

#[test]
fn a_backup_from_postgresql_comes_back_on_sqlite() {
    let Some(installation) = Installation::on_postgres() else { return };
    let installation = filled(installation);
    let (backup, key) = (installation.path("backup"), installation.path("key"));
    assert_ok(&installation.run(&["backup", backup.to_str().unwrap(), "--key-bundle", key.to_str().unwrap()]));
    restore_into(&Installation::new(), backup.to_str().unwrap(), key.to_str().unwrap());
}

#[test]
fn a_backup_that_was_changed_or_meets_other_data_or_another_key_is_refused() {
    let installation = Installation::new().set_up();
    let (backup, key) = (installation.path("backup"), installation.path("key"));
    assert_ok(&installation.run(&["backup", backup.to_str().unwrap(), "--key-bundle", key.to_str().unwrap()]));
    sentence(&installation.run(&["backup", backup.to_str().unwrap()]));
    let target = Installation::new();
    let said = sentence(&target.run(&["restore", backup.to_str().unwrap()]));
    assert!(said.contains("--key-file"), "{said}");
    sentence(&installation.run(&["restore", backup.to_str().unwrap(), "--key-file", key.to_str().unwrap()]));
    let rows = backup.join("rows.zst");
    let mut bytes = std::fs::read(&rows).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&rows, bytes).unwrap();
    let said = text(&Installation::new().run(&["restore", backup.to_str().unwrap(), "--key-file", key.to_str().unwrap()]).stderr);
    assert!(said.contains("changed or damaged"), "{said}");
}
