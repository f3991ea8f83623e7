//! One transcript for each command, played on both engines.

use store::Store;

use crate::transcript::play;

macro_rules! transcripts {
    ($($name:ident $file:literal)*) => {
        const PLAYED: &[&str] = &[$($file),*];

        $(
            #[testkit::test_each_engine]
            async fn $name(store: Store) {
                play(store, $file).await;
            }
        )*
    };
}

transcripts! {
    auth_transcript "auth"
    capa_transcript "capa"
    dele_transcript "dele"
    lang_transcript "lang"
    lines_transcript "lines"
    list_transcript "list"
    noop_transcript "noop"
    pass_transcript "pass"
    pipelining_transcript "pipelining"
    quit_transcript "quit"
    retr_transcript "retr"
    rfc1939_transcript "rfc1939"
    rset_transcript "rset"
    stat_transcript "stat"
    stls_transcript "stls"
    top_transcript "top"
    uidl_transcript "uidl"
    user_transcript "user"
    utf8_transcript "utf8"
}

#[test]
fn every_transcript_is_played() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.map(|name| name.trim_end_matches(".txt").to_owned()).collect();
    names.sort();
    assert_eq!(names, PLAYED);
}
