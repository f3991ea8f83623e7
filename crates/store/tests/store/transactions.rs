use store::{Store, StoreError, installation};
use testkit::test_each_engine;

#[test_each_engine]
fn what_is_committed_is_seen_by_the_next_reader(store: Store) {
    store.write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    assert_eq!(store.read_blocking(|tx| installation::get(tx, "colour")).unwrap().as_deref(), Some("blue"));
}

#[test_each_engine]
fn an_unfinished_change_is_never_seen(store: Store) {
    let failed = store.write_blocking(|tx| {
        installation::set(tx, "colour", "blue")?;
        Err::<(), _>(StoreError::aborted())
    });
    assert!(matches!(failed, Err(StoreError::Aborted)));
    assert_eq!(store.read_blocking(|tx| installation::get(tx, "colour")).unwrap(), None);
}

#[test_each_engine]
async fn the_async_forms_do_the_same(store: Store) {
    store.write(|tx| installation::set(tx, "colour", "blue")).await.unwrap();
    store.write_bulk(|tx| installation::set(tx, "shape", "round")).await.unwrap();
    assert_eq!(store.read(|tx| installation::get(tx, "shape")).await.unwrap().as_deref(), Some("round"));
}
