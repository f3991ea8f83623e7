//! `yanshu doctor` and `yanshu restore`: what an operator does while no server runs, or to see whether one does.

use std::fs::OpenOptions;
use std::io::{BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kernel::Clock;
use serde_json::json;
use store::{KeyRing, load_rows};

use crate::ambient::SystemClock;
use crate::app::App;
use crate::commands::backup;
use crate::config::{Config, resolve};
use crate::data::{DataDir, DataError, Layout};
use crate::failure::Failure;
use crate::tls;

/// Less than this on the disk of the data is worth a warning: a checkpoint, a pack and a day of mail need room.
const LOW_DISK_BYTES: u64 = 2 << 30;

struct Finding {
    what: &'static str,
    ok: bool,
    says: String,
}

/// Looks at configuration, disk, keys, database and listeners; exit code 1 when something is wrong.
pub fn doctor(config: &Config, data: &Path, as_json: bool, quiet: bool) -> Result<ExitCode, Failure> {
    let layout = Layout::new(data, config);
    let running = match DataDir::take_existing(data) {
        Err(DataError::InUse(_)) => true,
        Err(DataError::Missing(_)) | Ok(_) => false,
        Err(error) => return Err(error.into()),
    };
    if quiet {
        let well = running && std::os::unix::net::UnixStream::connect(&layout.control_socket).is_ok();
        return Ok(ExitCode::from(u8::from(!well)));
    }
    let mut findings = vec![Finding { what: "configuration", ok: true, says: "can be read".to_owned() }];
    findings.push(disk(data));
    findings.push(key(&layout));
    findings.push(match tls::server_config(config, &layout) {
        _ if running => Finding { what: "certificate", ok: true, says: "in use".to_owned() },
        Ok(_) => Finding { what: "certificate", ok: true, says: "can be used".to_owned() },
        Err(error) => Finding { what: "certificate", ok: false, says: error.to_string() },
    });
    if running {
        let reached = std::os::unix::net::UnixStream::connect(&layout.control_socket);
        findings.push(match reached {
            Ok(_) => Finding { what: "server", ok: true, says: "runs on this data and answers".to_owned() },
            Err(error) => Finding { what: "server", ok: false, says: format!("holds the data but does not answer: {error}") },
        });
    } else {
        findings.push(Finding { what: "server", ok: true, says: "does not run on this data".to_owned() });
        findings.extend(listeners(config));
        if data.join("yanshu.lock").exists() {
            findings.push(database(config, data, &layout));
        }
    }
    let well = findings.iter().all(|finding| finding.ok);
    if as_json {
        let shown: Vec<_> =
            findings.iter().map(|finding| json!({ "what": finding.what, "ok": finding.ok, "says": finding.says })).collect();
        println!("{}", json!({ "well": well, "findings": shown }));
    } else {
        for finding in &findings {
            println!("{}  {:<14} {}", if finding.ok { "ok   " } else { "WRONG" }, finding.what, finding.says);
        }
    }
    Ok(ExitCode::from(u8::from(!well)))
}

fn disk(data: &Path) -> Finding {
    // The directory itself may be yet to be made; the disk is that of the nearest one above it.
    let there = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let existing = there.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(existing) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let gib = free as f64 / f64::from(1u32 << 30);
            let says = format!("{gib:.1} GiB free where {} is", data.display());
            Finding {
                what: "disk",
                ok: free >= LOW_DISK_BYTES,
                says: if free >= LOW_DISK_BYTES { says } else { format!("only {says}; make room") },
            }
        }
        Err(error) => Finding { what: "disk", ok: false, says: format!("{}: {error}", existing.display()) },
    }
}

fn key(layout: &Layout) -> Finding {
    let path = layout.key_file.display();
    match KeyRing::open(&layout.key_file) {
        Ok(keys) => Finding { what: "master key", ok: true, says: format!("{path}, fingerprint {}", keys.fingerprint()) },
        Err(_) if !layout.key_file.exists() && !layout.packs.exists() => {
            Finding { what: "master key", ok: true, says: "will be made at the first start".to_owned() }
        }
        Err(error) => Finding { what: "master key", ok: false, says: error.to_string() },
    }
}

fn listeners(config: &Config) -> Vec<Finding> {
    let wanted = [("listen.http", &config.listen.http), ("listen.https", &config.listen.https)];
    let set = wanted.into_iter().filter(|(_, value)| !value.is_empty());
    set.map(|(what, value)| match resolve(value).map(TcpListener::bind) {
        Some(Ok(_)) => Finding { what, ok: true, says: format!("{value} is free") },
        Some(Err(error)) => Finding { what, ok: false, says: format!("{value}: {error}") },
        None => Finding { what, ok: false, says: format!("\"{value}\" is not HOST:PORT") },
    })
    .collect()
}

fn database(config: &Config, data: &Path, layout: &Layout) -> Finding {
    let opened = DataDir::take_existing(data).map_err(Failure::from).and_then(|held| {
        let app = App::open(config, layout)?;
        let problems = app.store.check_database()?;
        let (version, bytes) = (app.store.schema_version()?, app.store.database_bytes()?);
        drop(held);
        Ok((problems, version, bytes))
    });
    match opened {
        Ok((problems, version, bytes)) if problems.is_empty() => {
            Finding { what: "database", ok: true, says: format!("sound, schema {version}, {bytes} bytes") }
        }
        Ok((problems, ..)) => Finding { what: "database", ok: false, says: problems.join("; ") },
        Err(failure) => Finding { what: "database", ok: false, says: failure.to_string() },
    }
}

/// Brings a backup back. Everything is checked before the first file is written, and the data directory must be empty.
pub fn restore(config: &Config, data: &Path, dir: &Path, key_file: Option<&Path>) -> Result<(), Failure> {
    let manifest = backup::read(dir)?;
    let held = DataDir::take(data)?;
    let layout = Layout::new(held.path(), config);
    let leftovers: Vec<PathBuf> = std::fs::read_dir(held.path())?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    let allowed = [held.path().join("yanshu.lock"), layout.key_file.clone()];
    if let Some(other) = leftovers.iter().find(|path| !allowed.contains(path)) {
        return Err(Failure::new(format!("{} is in the way; restore into an empty data directory", other.display())));
    }
    let key_source = key_file.unwrap_or(&layout.key_file);
    if !key_source.exists() {
        let fingerprint = &manifest.key_fingerprint;
        return Err(Failure::new(format!("the master key is needed, its fingerprint is {fingerprint}; name its file with --key-file")));
    }
    let key = std::fs::read(key_source)?;
    let probe = tempfile_beside(&layout.key_file, &key)?;
    let fits = KeyRing::open(&probe).map(|keys| keys.fingerprint() == manifest.key_fingerprint);
    match fits {
        Ok(true) => std::fs::rename(&probe, &layout.key_file)?,
        other => {
            std::fs::remove_file(&probe)?;
            other?;
            return Err(Failure::new(format!(
                "{} is not the key of this backup, whose fingerprint is {}",
                key_source.display(),
                manifest.key_fingerprint
            )));
        }
    }
    std::fs::create_dir_all(&layout.packs)?;
    for entry in std::fs::read_dir(dir.join(backup::PACKS))? {
        let entry = entry?;
        let target = layout.packs.join(entry.file_name());
        std::fs::copy(entry.path(), &target)?;
        std::fs::File::open(&target)?.sync_all()?;
    }
    std::fs::File::open(&layout.packs)?.sync_all()?;
    let mut rows = BufReader::new(std::fs::File::open(dir.join(backup::ROWS))?);
    let loaded = load_rows(&layout.sql, &mut rows, SystemClock.now())?;
    println!("{} rows are back, as of {}", loaded.rows, manifest.made_at);
    Ok(())
}

/// A copy of the key in the place where it will be needed, readable by its owner only.
fn tempfile_beside(path: &Path, key: &[u8]) -> std::io::Result<PathBuf> {
    let probe = path.with_extension("restoring");
    // Made with its mode: for no moment may others read it. One that an earlier try has left may have been made in another way.
    let left = std::fs::remove_file(&probe);
    left.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe)?;
    file.write_all(key)?;
    file.sync_all()?;
    Ok(probe)
}
