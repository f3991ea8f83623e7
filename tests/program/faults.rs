//! What is said when the machine is not as it should be: one sentence, an exit code that is not 0, and no damage.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::installation::{Installation, assert_ok, sentence, text};

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let installation = Installation::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = sentence(&installation.command(&["serve"]).env("YANSHU_LISTEN__HTTP", &address).output().unwrap());
    assert!(said.contains(&address) && said.contains("YANSHU_LISTEN__HTTP"), "{said}");
    assert!(!installation.data().join("yanshu.db").exists(), "nothing was made");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let installation = Installation::new();
    let server = installation.serve();
    let said = sentence(&installation.run(&["serve"]));
    assert!(said.contains("another Yanshu"), "{said}");
    assert_eq!(server.get("/readyz").0, 200, "the first one works on");
}

#[test]
fn a_key_file_that_is_missing_or_another_one_is_noticed_before_anything_is_written() {
    let installation = Installation::new().set_up();
    let key = installation.data().join("master.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let said = sentence(&installation.run(&["org", "list"]));
    assert!(said.contains("key file"), "{said}");
    assert!(!key.exists(), "no new key was made in its place");

    let other = Installation::new().set_up();
    std::fs::copy(other.data().join("master.key"), &key).unwrap();
    let said = sentence(&installation.run(&["serve"]));
    assert!(said.contains("not the one the data was written with"), "{said}");

    std::fs::write(&key, &right).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = sentence(&installation.run(&["serve"]));
    assert!(said.contains("chmod 600"), "{said}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_ok(&installation.run(&["org", "list"]));
}

#[test]
fn data_of_a_newer_release_is_left_alone() {
    let installation = Installation::new().set_up();
    let database = rusqlite::Connection::open(installation.data().join("yanshu.db")).unwrap();
    let table: String =
        database.query_row("SELECT name FROM sqlite_master WHERE name LIKE '%migration%' LIMIT 1", [], |row| row.get(0)).unwrap();
    let columns: Vec<String> = database
        .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let (first, rest) = columns.split_first().unwrap();
    database.execute_batch(&format!("INSERT INTO {table} SELECT {first} + 1000, {} FROM {table} LIMIT 1", rest.join(", "))).unwrap();
    drop(database);
    let said = sentence(&installation.run(&["serve"]));
    assert!(said.contains("newer release"), "{said}");
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let installation = Installation::new();
    // A file where the directory should be cannot be written into by anybody, not even root.
    std::fs::write(installation.data(), "").unwrap();
    let said = sentence(&installation.run(&["serve"]));
    assert!(said.contains("cannot be written") && said.contains(installation.data().to_str().unwrap()), "{said}");
}

#[test]
fn a_full_disk_stops_writing_with_a_sentence_and_damages_nothing() {
    let installation = Installation::new();
    let disk = installation.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "yanshu-test"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: a small disk of the test's own cannot be mounted here");
        return;
    }
    let unmount = Unmount(disk.clone());
    std::fs::create_dir_all(disk.join("data")).unwrap();
    std::os::unix::fs::symlink(disk.join("data"), installation.data()).unwrap();
    let installation = installation.set_up();
    // All that is left of the disk but a little.
    let filler = std::fs::File::create(disk.join("filler")).unwrap();
    let mut written = 0;
    while std::os::unix::fs::FileExt::write_at(&filler, &[1; 4096], written).is_ok_and(|bytes| bytes == 4096) {
        written += 4096;
    }
    filler.set_len(written.saturating_sub(8192)).unwrap();
    drop(filler);
    let mut refused = None;
    for number in 0..400 {
        let output = installation.run(&["department", "add", &format!("科室 {number}"), "--org", "kn"]);
        if !output.status.success() {
            refused = Some(output);
            break;
        }
    }
    let said = text(&refused.expect("a full disk takes no more").stderr);
    assert!(said.contains("no room") || said.contains("full"), "{said}");
    std::fs::remove_file(disk.join("filler")).unwrap();
    let verified = installation.json(&["verify"], 0);
    assert_eq!(verified["sound"], true);
    assert_ok(&installation.run(&["department", "add", "恢复以后", "--org", "kn"]));
    drop(unmount);
}

struct Unmount(std::path::PathBuf);
impl Drop for Unmount {
    fn drop(&mut self) {
        // The folder stays behind if it cannot be unmounted; the test's result does not depend on it.
        let _ = std::process::Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn configuration_that_cannot_be_read_names_its_key() {
    let installation = Installation::new();
    let file = installation.path("yanshu.toml");
    std::fs::write(&file, "[listen]\nhtpp = \"127.0.0.1:0\"\n").unwrap();
    let said = text(&installation.run(&["serve", "--config", file.to_str().unwrap()]).stderr);
    assert!(said.contains("htpp"), "{said}");
    let said = sentence(&installation.command(&["serve"]).env("YANSHU_STORAGE__SQL", "mysql://x").output().unwrap());
    assert!(said.contains("storage.sql"), "{said}");
}

#[test]
fn a_server_stops_in_order_and_says_where_to_go() {
    let installation = Installation::new();
    let mut server = installation.serve();
    assert!(server.line.contains("/setup?token="), "{}", server.line);
    assert_eq!(server.get("/healthz").0, 200);
    assert_eq!(server.get("/readyz").0, 200);
    let (status, metrics) = server.get("/metrics");
    assert!(status == 200 && metrics.contains("yanshu_"), "{metrics}");
    assert_eq!(server.stop(), Some(0));
    let installation = installation.set_up();
    assert!(installation.serve().line.contains("/login"));
}

#[test]
fn setup_refuses_a_code_that_exists_and_a_password_that_is_too_weak() {
    let installation = Installation::new().set_up();
    let password = installation.path("password");
    let again = |code: &str, domain: &str| {
        let arguments = [
            "setup",
            "--org-code",
            code,
            "--org-name",
            "x",
            "--domain",
            domain,
            "--admin",
            "a",
            "--password-file",
            password.to_str().unwrap(),
        ];
        installation.run(&arguments)
    };
    sentence(&again("kn", "other.test"));
    sentence(&again("other", "example.test"));
    assert_ok(&again("other", "other.test"));
    std::fs::write(&password, "1").unwrap();
    sentence(&again("third", "third.test"));
    assert_eq!(installation.json(&["org", "list"], 0).as_array().unwrap().len(), 2);
}

#[test]
fn doctor_sees_what_is_right_and_what_is_wrong() {
    let installation = Installation::new().set_up();
    let found = installation.json(&["doctor"], 0);
    assert_eq!(found["well"], true, "{found}");
    let server = installation.serve();
    assert_ok(&installation.run(&["doctor", "--quiet"]));
    assert_eq!(installation.json(&["doctor"], 0)["well"], true);
    drop(server);
    assert_eq!(installation.run(&["doctor", "--quiet"]).status.code(), Some(1));
    std::fs::remove_file(installation.data().join("master.key")).unwrap();
    assert_eq!(installation.json(&["doctor"], 1)["well"], false);
}
