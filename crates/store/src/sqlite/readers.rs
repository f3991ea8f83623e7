//! The threads that read. Each closure sees the database as of its first query, whatever is written meanwhile.

use std::sync::Arc;

use crate::OpenError;
use crate::lanes::{Lane, Lanes};
use crate::tx::{Session, Tx};
use crate::work::Verdict;

use super::SqliteSession;

pub(crate) fn start_readers(sessions: Vec<SqliteSession>, lanes: &Arc<Lanes>) -> Result<Vec<std::thread::JoinHandle<()>>, OpenError> {
    let start = |(number, session): (usize, SqliteSession)| {
        let lanes = Arc::clone(lanes);
        std::thread::Builder::new()
            .name(format!("store-reader-{number}"))
            .spawn(move || {
                let mut tx = Tx::over(Session::Sqlite(session));
                while let Some(mut submitted) = lanes.take() {
                    tx.sqlite().set_gives_way(submitted.lane == Lane::Bulk);
                    read(&mut tx, &mut *submitted.work);
                    submitted.work.answer();
                    if submitted.lane == Lane::Bulk {
                        lanes.bulk_done();
                    }
                }
            })
            .map_err(|error| OpenError::Other(error.into()))
    };
    sessions.into_iter().enumerate().map(start).collect()
}

fn read(tx: &mut Tx, work: &mut dyn crate::work::Work) {
    if let Err(error) = tx.sqlite().control("BEGIN") {
        work.overrule(error);
        return;
    }
    tx.renew();
    tx.sqlite().restart_time();
    let verdict = work.run(tx);
    if tx.sqlite().is_outside_transaction() {
        return;
    }
    let ended = tx.sqlite().control(if verdict == Verdict::Keep { "COMMIT" } else { "ROLLBACK" });
    if let Err(error) = ended
        && verdict == Verdict::Keep
    {
        work.overrule(error);
    }
}
