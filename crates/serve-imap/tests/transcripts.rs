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
    append_transcript "append"
    authenticate_transcript "authenticate"
    capability_transcript "capability"
    catenate_transcript "catenate"
    check_transcript "check"
    chinese_names_transcript "chinese_names"
    close_transcript "close"
    compress_transcript "compress"
    condstore_transcript "condstore"
    copy_transcript "copy"
    create_transcript "create"
    delete_transcript "delete"
    enable_transcript "enable"
    esearch_transcript "esearch"
    examine_transcript "examine"
    expunge_transcript "expunge"
    fetch_transcript "fetch"
    getjmapaccess_transcript "getjmapaccess"
    getquota_transcript "getquota"
    id_transcript "id"
    idle_transcript "idle"
    list_transcript "list"
    literals_transcript "literals"
    login_transcript "login"
    logout_transcript "logout"
    lsub_transcript "lsub"
    metadata_transcript "metadata"
    move_transcript "move"
    namespace_transcript "namespace"
    noop_transcript "noop"
    notify_transcript "notify"
    partial_transcript "partial"
    pipelining_transcript "pipelining"
    qresync_transcript "qresync"
    recent_transcript "recent"
    refused_transcript "refused"
    rename_transcript "rename"
    replace_transcript "replace"
    savedate_transcript "savedate"
    search_transcript "search"
    select_transcript "select"
    sort_transcript "sort"
    starttls_transcript "starttls"
    status_transcript "status"
    store_transcript "store"
    subscribe_transcript "subscribe"
    thread_transcript "thread"
    uidonly_transcript "uidonly"
    unselect_transcript "unselect"
}

#[test]
fn every_transcript_is_played() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.map(|name| name.trim_end_matches(".txt").to_owned()).collect();
    names.sort();
    assert_eq!(names, PLAYED);
}
