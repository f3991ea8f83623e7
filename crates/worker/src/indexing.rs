//! Keeps the full-text index of mail close behind the mail, beside all other work.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lifecycle::jobs::JobApp;
use mail::search::index::{self, IndexError, Round};
use store::StoreError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::turns;

const TURN_NAME: &str = "mail.index";
/// A round of two thousand accounts may take long; while it lasts others do not begin one.
const TURN: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// An account that lies so far behind is indexed at the next look; others wait for [`ALL_EVERY`], because a commit costs some files and syncs however
/// little is in it, and a search looks at a few messages quickly.
const FAR_BEHIND: i64 = 64;
const ALL_EVERY: Duration = Duration::from_secs(60);
/// A stop waits so long for the round to end well.
const STOP_WAIT: Duration = Duration::from_secs(5);
/// A round that found nothing rests so many times as long as it took.
const REST_AFTER_LOOKING: u32 = 50;
/// One that indexed something: while much comes in, its syncs are in the way of those that deliveries wait for.
const REST_AFTER_INDEXING: u32 = 4;
/// However long it took: what waits is read by each search, and a machine that has nothing else to do shall not leave it so.
const REST_AT_MOST: Duration = Duration::from_secs(30);
/// So many writes a second that somebody waits for are a rush. The index then comes after it, or after [`REST_AT_MOST`].
const RUSH: f64 = 300.0;

/// Works until `stopping` turns true. The turn is the node's, and not this process's: one process at a time is a node, and whoever starts after a crash goes on
/// at once.
pub(crate) async fn run(app: JobApp, node: String, mut stopping: watch::Receiver<bool>) {
    let mut all_at = Instant::now();
    let mut pause = Duration::ZERO;
    let mut ours_until: Option<Instant> = None;
    let mut rush = Rush::new(Instant::now());
    while !*stopping.borrow() {
        tokio::select! {
            changed = stopping.changed() => {
                if changed.is_err() {
                    return;
                }
                continue;
            }
            () = tokio::time::sleep(pause) => {}
        }
        let started = Instant::now();
        if !pause.is_zero() && rush.puts_off(app.store.writes_waited_for(), started) {
            pause = LOOK_EVERY;
            continue;
        }
        let takes_all = started >= all_at;
        let stop = Arc::default();
        let mut round = pin!(take_turn(&app, &node, &mut ours_until, if takes_all { 1 } else { FAR_BEHIND }, &stop));
        let round = tokio::select! {
            _ = stopping.changed() => {
                stop.store(true, Ordering::Relaxed);
                // What is written stays; merging of segments may take longer, and is done again.
                let _ = tokio::time::timeout(STOP_WAIT, round).await;
                return;
            }
            round = &mut round => round,
        };
        match round {
            Ok(round) => {
                let rest = rest_after(&round, started.elapsed());
                if takes_all && !round.has_more {
                    all_at = Instant::now() + ALL_EVERY.max(rest);
                }
                if round.messages > 0 {
                    rush.indexed_at(Instant::now());
                    metrics::counter!("yanshu_search_indexed_messages_total").increment(round.messages);
                    tracing::debug!(messages = round.messages, accounts = round.accounts, "Mail was indexed");
                }
                pause = if round.has_more { Duration::ZERO } else { LOOK_EVERY.max(rest) };
            }
            Err(error) => {
                tracing::warn!(%error, "Mail could not be indexed; it is tried again, and searches read what is missing");
                pause = ALL_EVERY;
            }
        }
    }
}

/// Whether people write so much that the index is better made a little later: in larger commits, and while nobody waits for its processor and disk.
struct Rush {
    looked_at: Instant,
    writes: u64,
    /// The last that was done for the index, or the last quiet look.
    puts_off_from: Instant,
}

impl Rush {
    fn new(now: Instant) -> Self {
        Self { looked_at: now, writes: 0, puts_off_from: now }
    }

    /// `writes` is how many there were so far.
    fn puts_off(&mut self, writes: u64, now: Instant) -> bool {
        let rate = (writes - self.writes) as f64 / now.duration_since(self.looked_at).as_secs_f64().max(1.0);
        (self.writes, self.looked_at) = (writes, now);
        if rate < RUSH {
            self.puts_off_from = now;
        }
        rate >= RUSH && now.duration_since(self.puts_off_from) < REST_AT_MOST
    }

    fn indexed_at(&mut self, now: Instant) {
        self.puts_off_from = now;
    }
}

fn rest_after(round: &Round, took: Duration) -> Duration {
    let times = if round.messages > 0 { REST_AFTER_INDEXING } else { REST_AFTER_LOOKING };
    took.saturating_mul(times).min(REST_AT_MOST)
}

/// A round, if it is this node's turn: the index lies on the node that writes it, and others search without.
async fn take_turn(
    app: &JobApp,
    node: &str,
    ours_until: &mut Option<Instant>,
    min_numbers: i64,
    stop: &Arc<AtomicBool>,
) -> Result<Round, IndexError> {
    let (now, name) = (app.source.now(), node.to_owned());
    // Written down again only when half of it is over, so that an idle server writes nothing.
    if ours_until.is_some_and(|until| until > Instant::now() + TURN / 2) {
        return index::index_round(&app.store, &app.source.rng, min_numbers, stop).await;
    }
    *ours_until = None;
    if !app.store.write_bulk::<_, StoreError, _>(move |tx| turns::take(tx, TURN_NAME, &name, now, TURN.as_secs().cast_signed())).await? {
        return Ok(Round::default());
    }
    *ours_until = Some(Instant::now() + TURN);
    index::index_round(&app.store, &app.source.rng, min_numbers, stop).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_comes_after_a_rush_or_half_a_minute_into_it() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut rush = Rush::new(start);
        assert!(!rush.puts_off(100, at(5)));
        assert!(rush.puts_off(10_100, at(10)));
        assert!(rush.puts_off(40_000, at(30)));
        assert!(!rush.puts_off(50_000, at(35)), "the rush goes on, and the index has waited long enough");
        rush.indexed_at(at(40));
        assert!(rush.puts_off(60_000, at(45)));
        assert!(!rush.puts_off(60_100, at(50)));
    }

    #[test]
    fn the_index_rests_after_its_work_but_not_for_long() {
        let indexed = Round { messages: 1, ..Round::default() };
        assert_eq!(rest_after(&indexed, Duration::from_secs(2)), Duration::from_secs(8));
        assert_eq!(rest_after(&Round::default(), Duration::from_millis(10)), Duration::from_millis(500));
        // A burst that took three minutes kept what came behind it unread for twelve.
        assert_eq!(rest_after(&indexed, Duration::from_secs(180)), REST_AT_MOST);
    }
}
