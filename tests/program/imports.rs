//! The main job from the command line: a spreadsheet becomes accounts, and comes out again.

use serde_json::Value;

use crate::installation::{Installation, assert_ok, sample, sentence};

/// The keys whose values an expectation may name.
fn expected(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(sample(&format!("{name}.expected.json"))).unwrap()).unwrap()
}

fn plan_and_import(installation: &Installation, name: &str) {
    let file = sample(name);
    let report = installation.path("report.json");
    let arguments =
        ["member", "import", file.to_str().unwrap(), "--org", "kn", "--domain", "example.test", "--report", report.to_str().unwrap()];
    let expected = expected(name);

    let plan = installation.json(&[&arguments[..], &["--dry-run"]].concat(), 3);
    for (outcome, count) in expected["summary"].as_object().unwrap() {
        assert_eq!(plan["summary"][outcome], *count, "{name}: {outcome}");
    }
    compare(name, &expected, &serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap());
    assert_eq!(
        installation.json(&["member", "list", "--org", "kn", "--limit", "500"], 0).as_array().unwrap().len(),
        1,
        "a plan changes nothing"
    );

    let passwords = installation.path("passwords.xlsx");
    let wrong = installation.path("wrong.csv");
    let more = ["--passwords", passwords.to_str().unwrap(), "--wrong-rows", wrong.to_str().unwrap()];
    let applied = installation.json(&[&arguments[..], &more].concat(), 3);
    assert_eq!(applied["rows_applied"], expected["summary"]["create"]);
    assert_eq!(std::fs::read(&passwords).unwrap()[..2], *b"PK");
    let wrong_rows = std::fs::read_to_string(&wrong).unwrap();
    assert_eq!(wrong_rows.lines().count() as u64, expected["summary"]["error"].as_u64().unwrap() + 1, "a heading and the wrong rows");
    let members = installation.json(&["member", "list", "--org", "kn", "--limit", "500"], 0);
    assert_eq!(members.as_array().unwrap().len() as u64, expected["summary"]["create"].as_u64().unwrap() + 1);
}

/// Every row of the report against the expectation: outcome, values, and errors in the order of columns.
fn compare(name: &str, expected: &Value, report: &Value) {
    let rows = report["rows"].as_array().unwrap();
    let wanted = expected["rows"].as_object().unwrap();
    assert_eq!(rows.len(), wanted.len(), "{name}: rows");
    for row in rows {
        let number = row["row_number"].to_string();
        let want = &wanted[&number];
        assert_eq!(row["outcome"], want["outcome"], "{name}: row {number}: {row}");
        if let Some(values) = want["values"].as_object() {
            for (key, value) in values {
                assert_eq!(&row["values"][key], value, "{name}: row {number}: {key}");
            }
        }
        if let Some(errors) = want["errors"].as_array() {
            let found: Vec<_> = row["errors"].as_array().unwrap().iter().map(|error| (&error["column"], &error["code"])).collect();
            let errors: Vec<_> = errors.iter().map(|error| (&error["column"], &error["code"])).collect();
            assert_eq!(found, errors, "{name}: row {number}");
        }
    }
}

const SAMPLES: [&str; 3] = ["members-hospital.xlsx", "members-hospital-gbk.csv", "members-hospital-en.csv"];

#[test]
fn every_sample_becomes_what_it_must_on_sqlite() {
    for name in SAMPLES {
        plan_and_import(&Installation::new().set_up(), name);
    }
}

#[test]
fn every_sample_becomes_what_it_must_on_postgresql() {
    for name in SAMPLES {
        if let Some(installation) = Installation::on_postgres() {
            plan_and_import(&installation.set_up(), name);
        }
    }
}

#[test]
fn a_running_server_takes_the_same_commands() {
    let installation = Installation::new().set_up();
    let server = installation.serve();
    plan_and_import(&installation, "members-hospital.xlsx");
    assert_eq!(server.get("/readyz").0, 200);
    assert_eq!(installation.json(&["audit", "verify"], 0)["holds"], true);
}

#[test]
fn what_was_exported_imports_as_unchanged() {
    let installation = Installation::new().set_up();
    let file = sample("members-hospital.xlsx");
    installation.json(&["member", "import", file.to_str().unwrap(), "--org", "kn"], 3);
    for output in ["members.xlsx", "members.csv"] {
        let output = installation.path(output);
        assert_ok(&installation.run(&["member", "export", "--org", "kn", "--output", output.to_str().unwrap()]));
        let again = installation.json(&["member", "import", output.to_str().unwrap(), "--org", "kn"], 0);
        assert_eq!(again["summary"]["unchanged"], 300, "{}: {}", output.display(), again["summary"]);
        assert_eq!(again["rows_total"], 300);
    }
}

#[test]
fn an_import_is_taken_back() {
    let installation = Installation::new().set_up();
    let file = sample("members-hospital.xlsx");
    let applied = installation.json(&["member", "import", file.to_str().unwrap(), "--org", "kn"], 3);
    let undone = installation.json(&["import", "undo", applied["id"].as_str().unwrap(), "--org", "kn"], 0);
    assert_eq!(undone["rows_undone"], 299);
    assert_eq!(installation.json(&["member", "list", "--org", "kn"], 0).as_array().unwrap().len(), 1);
}

#[test]
fn a_file_that_is_no_spreadsheet_imports_nothing() {
    let installation = Installation::new().set_up();
    let file = installation.path("letter.xlsx");
    std::fs::write(&file, "%PDF-1.7 a letter").unwrap();
    let import = ["member", "import", file.to_str().unwrap(), "--org", "kn"];
    let said = sentence(&installation.command(&import).env("LC_ALL", "C").output().unwrap());
    assert!(said.contains("nothing was imported: ") && said.contains("PDF"), "{said}");
    let said = sentence(&installation.command(&import).env("LC_ALL", "zh_CN.UTF-8").output().unwrap());
    assert!(said.contains("请"), "{said}");
    sentence(&installation.run(&["member", "import", "nowhere.xlsx", "--org", "kn"]));
    sentence(&installation.run(&["member", "import", file.to_str().unwrap(), "--org", "nobody"]));
}

#[test]
fn long_answers_come_whole_and_files_that_are_too_large_are_told() {
    let installation = Installation::new().set_up();
    let _server = installation.serve();
    let list = installation.path("list");
    let bring = ["member", "bring-unique-ids", "admin@example.test", list.to_str().unwrap(), "--org", "kn"];
    // Nobody has written yet: each line is told of.
    std::fs::write(&list, (0..100_000).map(|number| format!("<{number}@elsewhere.test>\tu{number}\n")).collect::<String>()).unwrap();
    let answer = installation.json(&bring, 3);
    assert_eq!((answer["refused"].as_array().unwrap().len(), &answer["refused"][99_999]["line"]), (100_000, &100_000.into()));
    std::fs::write(&list, "<1@elsewhere.test>\tu\n".repeat(1_000_001)).unwrap();
    assert!(sentence(&installation.run(&bring)).contains("more than 1000000 lines"));
    std::fs::File::options().write(true).open(&list).unwrap().set_len((256 << 20) + 1).unwrap();
    assert!(sentence(&installation.run(&bring)).contains("is larger than 256 MiB"));
}
