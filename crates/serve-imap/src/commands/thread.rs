//! THREAD by ORDEREDSUBJECT and by REFERENCES. RFC 5256

use std::sync::Arc;

use mail::arrange::{self, Forest, Threading};
use proto_imap::{Thread, ThreadAlgorithm};

use super::search::{asks_for_mod_seq, find};
use super::sort::Share;
use crate::errors::Failed;
use crate::session::{Answer, Done, Session};

pub(crate) async fn thread(session: &mut Session, wanted: Thread) -> Answer {
    let Thread { uid, algorithm, key } = wanted;
    session.use_condstore(asks_for_mod_seq(&key));
    let found = find(session, &key, uid).await?;
    let threading = match algorithm {
        ThreadAlgorithm::OrderedSubject => Threading::OrderedSubject,
        ThreadAlgorithm::References => Threading::References,
    };
    let (server, ctx) = (Arc::clone(&session.server), session.ctx.clone());
    let (account, mailbox) = (session.user()?.account, session.view()?.mailbox);
    let uids = &found.uids;
    let joining = async move {
        let mut share = Share::of(&server);
        arrange::thread(&server.store, &ctx, account, mailbox, uids, threading, &mut share).await
    };
    let forest = session.unless_gone(joining).await?.map_err(Failed::of)?;
    let number_of = |uid: u32| found.uids.binary_search(&uid).ok().map(|place| found.numbers[place]);
    session.say().thread(&written(&forest, number_of));
    Ok(Done::plain("THREAD completed"))
}

enum Step {
    Open(u32),
    Close,
}

/// `(2)(3 6 (4 23)(44 7 96))`: who has one answer is followed by it, several stand in parentheses of their own. A thread may be as deep as a mailbox is
/// long, so this does not call itself.
fn written(forest: &Forest, number_of: impl Fn(u32) -> Option<u32>) -> String {
    let mut out = String::new();
    let mut steps: Vec<Step> = forest.roots().iter().rev().map(|root| Step::Open(*root)).collect();
    while let Some(step) = steps.pop() {
        let Step::Open(mut node) = step else {
            out.push(')');
            continue;
        };
        out.push('(');
        let mut is_first = true;
        loop {
            if let Some(number) = forest.uid(node).and_then(&number_of) {
                out.push_str(if is_first { "" } else { " " });
                out.push_str(&number.to_string());
                is_first = false;
            }
            match forest.children(node) {
                [] => {
                    out.push(')');
                    break;
                }
                [only] => node = *only,
                several => {
                    out.push_str(if is_first { "" } else { " " });
                    steps.push(Step::Close);
                    steps.extend(several.iter().rev().map(|child| Step::Open(*child)));
                    break;
                }
            }
        }
    }
    out
}
