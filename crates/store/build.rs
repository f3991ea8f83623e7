//! Embeds the migrations: every `migrations/NNNN_name.sql`, in the order of their numbers.

use std::fmt::Write;
use std::path::Path;

fn main() {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("migrations");
    println!("cargo:rerun-if-changed=migrations");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the migrations are part of the source")
        .map(|entry| entry.expect("a readable folder").file_name().into_string().expect("migrations have ASCII names"))
        .filter(|name| name.ends_with(".sql"))
        .collect();
    names.sort();
    let mut list = String::from("pub(crate) const MIGRATIONS: &[Migration] = &[\n");
    for (index, name) in names.iter().enumerate() {
        let (number, title) = name.trim_end_matches(".sql").split_once('_').expect("migrations are named NNNN_name.sql");
        let number: usize = number.parse().expect("migrations begin with a number");
        assert_eq!(number, index + 1, "migrations are numbered without gaps: {name}");
        let path = folder.join(name);
        writeln!(list, "    Migration {{ number: {number}, name: {title:?}, sql: include_str!({path:?}) }},").expect("a string grows");
    }
    list.push_str("];\n");
    let output = Path::new(&std::env::var("OUT_DIR").expect("set by cargo")).join("migrations.rs");
    std::fs::write(output, list).expect("the output folder can be written");
}
