//! Clients that follow an account by its changes while others write to it: whatever state they begin at, they end at what the server has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::{Rng, Timestamp};
use mail::delivery::Into;
use mail::entries::{self, Expunge, FlagChange};
use mail::mailboxes::Role;
use mail::{Flags, UidSet};
use serde_json::{Map, Value, json};
use store::Store;
use testkit::{SeededRng, test_each_engine};

use crate::client::{Member, owner, strings};

/// A member on one of several devices, that waits for its turn where it asks for too much at once, and chooses by chance that a test can repeat.
struct Device {
    member: Member,
    chance: SeededRng,
}

impl Device {
    fn of(member: &Member, seed: u64) -> Self {
        Self { member: member.again(), chance: SeededRng::new(seed) }
    }

    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 4];
        self.chance.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % end.max(1)
    }

    async fn try_call(&mut self, method: &str, mut arguments: Value) -> (String, Value) {
        arguments["accountId"] = json!(self.member.account);
        loop {
            let answer = self.member.request(json!([[method, arguments, "0"]])).await;
            if answer.status == 200 {
                let mut answer = answer.body["methodResponses"][0].clone();
                return (answer[0].as_str().unwrap().to_owned(), answer[1].take());
            }
            assert_eq!(answer.body["limit"], "maxConcurrentRequests", "{}", answer.text());
            tokio::task::yield_now().await;
        }
    }

    async fn call(&mut self, method: &str, arguments: Value) -> Value {
        let (name, answer) = self.try_call(method, arguments).await;
        assert_eq!(name, method, "{answer}");
        answer
    }

    async fn some_emails(&mut self, count: usize) -> Vec<String> {
        let ids = strings(&self.call("Email/query", json!({ "limit": 200 })).await["ids"]);
        (0..count.min(ids.len())).map(|_| ids[self.below(ids.len())].clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    async fn some_mailbox(&mut self) -> String {
        let ids = strings(&self.call("Mailbox/query", json!({})).await["ids"]);
        ids[self.below(ids.len())].clone()
    }
}

const ROUNDS: usize = 25;

async fn deliver(device: Device) {
    for round in 0..ROUNDS {
        // Some belong to threads of others; some arrive at the same moment.
        let answers = if round % 3 == 0 { String::new() } else { format!("References: <root{}@second.test>\n", round % 5) };
        let message = format!(
            "From: li@second.test\nTo: admin@first.test\nSubject: Subject {}\n{answers}Message-ID: <m{round}@second.test>\n\nText {round}\n",
            round % 5
        );
        let at = Timestamp::from_micros(1_780_000_000_000_000 + (device.below(20) as i64) * 1_000_000);
        device.member.deliver_into(&message, Into::Role(Role::Inbox), at, Flags::NONE).await;
    }
}

async fn flag_and_move(mut device: Device) {
    for round in 0..ROUNDS {
        let mut update = Map::new();
        for id in device.some_emails(4).await {
            let patch = match device.below(4) {
                0 => json!({ "keywords/$seen": true }),
                1 => json!({ "keywords/$seen": null, "keywords/$flagged": true }),
                2 => json!({ "mailboxIds": { device.some_mailbox().await: true } }),
                _ => json!({ format!("mailboxIds/{}", device.some_mailbox().await): true }),
            };
            update.insert(id, patch);
        }
        let destroy = if round % 5 == 4 { device.some_emails(1).await } else { Vec::new() };
        destroy.iter().for_each(|id| {
            update.remove(id);
        });
        // What another has destroyed meanwhile is refused, and that is well.
        device.call("Email/set", json!({ "update": update, "destroy": destroy })).await;
    }
}

/// As IMAP sessions do: by uid, in one mailbox.
async fn flag_and_expunge(device: Device) {
    let (account, store) = (device.member.account_id(), device.member.store().clone());
    for round in 0..ROUNDS {
        let ctx = device.member.ctx();
        let first = device.below(40) as u32 + 1;
        let changed = store.write_account(account, move |tx| {
            let inbox = mail::mailboxes::find_role(&ctx, tx, account, Role::Inbox)?.expect("every account has one").id;
            let uids: UidSet = [first..=first + 3].into_iter().collect();
            let deleted = Flags::of_bits(mail::FlagBits::DELETED);
            entries::change_flags(&ctx, tx, account, inbox, &uids, FlagChange::Add, &deleted, None, 100)?;
            if round % 4 == 3 {
                entries::expunge(&ctx, tx, account, inbox, &Expunge::Deleted, 100)?;
            }
            Ok::<_, entries::EntryError>(())
        });
        changed.await.unwrap();
        tokio::task::yield_now().await;
    }
}

async fn change_mailboxes(mut device: Device) {
    let mut made: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let answer = match device.below(4) {
            0 | 1 => device.call("Mailbox/set", json!({ "create": { "k": { "name": format!("Folder {round}") } } })).await,
            2 if !made.is_empty() => {
                let id = made[device.below(made.len())].clone();
                device.call("Mailbox/set", json!({ "update": { id: { "name": format!("Renamed {round}"), "sortOrder": round } } })).await
            }
            _ if !made.is_empty() => {
                let id = made.swap_remove(device.below(made.len()));
                device.call("Mailbox/set", json!({ "destroy": [id], "onDestroyRemoveEmails": true })).await
            }
            _ => continue,
        };
        made.extend(answer["created"]["k"]["id"].as_str().map(str::to_owned));
    }
}

/// What a client has of one type, and the state it has it at.
#[derive(Clone)]
struct Copy {
    of: &'static str,
    state: String,
    objects: BTreeMap<String, Value>,
}

const EMAIL: &str = "Email";
const MAILBOX: &str = "Mailbox";
const THREAD: &str = "Thread";

impl Copy {
    fn properties(&self) -> Value {
        match self.of {
            EMAIL => json!(["id", "mailboxIds", "keywords", "threadId", "subject"]),
            _ => Value::Null,
        }
    }

    async fn whole(device: &mut Device, of: &'static str) -> Self {
        let mut copy = Self { of, state: String::new(), objects: BTreeMap::new() };
        let state_of = |answer: &Value, name: &str| answer[name].as_str().unwrap().to_owned();
        // The state is that at which there were just these objects; they may be newer, and what changed meanwhile is told again.
        let ids = match of {
            MAILBOX => {
                let all = device.call("Mailbox/get", json!({ "ids": null, "properties": ["id"] })).await;
                copy.state = state_of(&all, "state");
                all["list"].as_array().unwrap().iter().map(|mailbox| mailbox["id"].clone()).collect()
            }
            _ => {
                let found = device.call("Email/query", json!({ "collapseThreads": of == THREAD })).await;
                copy.state = state_of(&found, "queryState");
                let emails = device.call("Email/get", json!({ "ids": found["ids"], "properties": ["threadId"] })).await;
                let key = if of == THREAD { "threadId" } else { "id" };
                emails["list"].as_array().unwrap().iter().map(|email| email[key].clone()).collect()
            }
        };
        copy.fetch(device, ids).await;
        copy
    }

    async fn fetch(&mut self, device: &mut Device, ids: Value) {
        let got = device.call(&format!("{}/get", self.of), json!({ "ids": ids, "properties": self.properties() })).await;
        for object in got["list"].as_array().unwrap() {
            self.objects.insert(object["id"].as_str().unwrap().to_owned(), object.clone());
        }
        for gone in strings(&got["notFound"]) {
            self.objects.remove(&gone);
        }
    }

    /// One answer further, of whatever length; `false` when there was nothing more.
    async fn follow(&mut self, device: &mut Device) -> bool {
        let most = if device.below(3) == 0 { Value::Null } else { json!(1 + device.below(7)) };
        let (name, told) = device.try_call(&format!("{}/changes", self.of), json!({ "sinceState": self.state, "maxChanges": most })).await;
        assert_ne!(name, "error", "{} since {}: {told}", self.of, self.state);
        let (created, updated, destroyed) = (strings(&told["created"]), strings(&told["updated"]), strings(&told["destroyed"]));
        let all: BTreeSet<&String> = created.iter().chain(&updated).chain(&destroyed).collect();
        assert_eq!(all.len(), created.len() + updated.len() + destroyed.len(), "nothing is told twice: {told}");
        if let Some(most) = most.as_u64() {
            assert!(all.len() as u64 <= most, "{told}");
        }
        assert_eq!(told["oldState"], json!(self.state));
        assert!(told["newState"] != told["oldState"] || all.is_empty() && told["hasMoreChanges"] == json!(false), "{told}");
        if let Some(properties) = told["updatedProperties"].as_array().filter(|_| !updated.is_empty()) {
            // RFC 8621 §2.2: of these mailboxes nothing else has changed.
            let got = device.call("Mailbox/get", json!({ "ids": updated, "properties": properties })).await;
            for part in got["list"].as_array().unwrap() {
                let known = self.objects.get_mut(part["id"].as_str().unwrap()).expect("what is updated is known");
                part.as_object().unwrap().iter().for_each(|(name, value)| known[name] = value.clone());
            }
            self.fetch(device, json!(created)).await;
        } else {
            self.fetch(device, json!(created.iter().chain(&updated).collect::<Vec<_>>())).await;
        }
        for id in &destroyed {
            self.objects.remove(id);
        }
        self.state = told["newState"].as_str().unwrap().to_owned();
        !all.is_empty() || told["hasMoreChanges"] == json!(true)
    }
}

/// The ids a query found, kept up with `Email/queryChanges`.
#[derive(Clone)]
struct Results {
    query: Value,
    state: String,
    ids: Vec<String>,
}

impl Results {
    async fn whole(device: &mut Device, query: Value) -> Self {
        let found = device.call("Email/query", query.clone()).await;
        assert_eq!(found["canCalculateChanges"], json!(true), "{query}");
        Self { query, state: found["queryState"].as_str().unwrap().to_owned(), ids: strings(&found["ids"]) }
    }

    async fn follow(&mut self, device: &mut Device) {
        let mut asked = self.query.clone();
        asked["sinceQueryState"] = json!(self.state);
        if device.below(3) == 0 {
            asked["maxChanges"] = json!(5);
        }
        let (name, told) = device.try_call("Email/queryChanges", asked).await;
        if name == "error" {
            assert_eq!(told["type"], "tooManyChanges", "{told}");
            *self = Self::whole(device, self.query.clone()).await;
            return;
        }
        // RFC 8620 §5.6: what was removed goes, then each that was added comes to its place, the lowest first.
        let removed: BTreeSet<String> = strings(&told["removed"]).into_iter().collect();
        self.ids.retain(|id| !removed.contains(id));
        let mut last = None;
        for added in told["added"].as_array().unwrap() {
            let (index, id) = (added["index"].as_u64().unwrap() as usize, added["id"].as_str().unwrap().to_owned());
            assert!(last < Some(index), "in the order of their places: {told}");
            assert!(index <= self.ids.len() && !self.ids.contains(&id), "{told}");
            last = Some(index);
            self.ids.insert(index, id);
        }
        self.state = told["newQueryState"].as_str().unwrap().to_owned();
    }
}

async fn follow(mut device: Device, inbox: String, writers: Arc<AtomicUsize>) {
    let queries = [
        json!({ "filter": { "inMailbox": inbox }, "sort": [{ "property": "receivedAt", "isAscending": false }] }),
        json!({ "filter": { "notKeyword": "$seen" }, "sort": [{ "property": "subject" }, { "property": "receivedAt" }] }),
        json!({ "filter": { "inMailbox": inbox }, "sort": [{ "property": "receivedAt", "isAscending": false }], "collapseThreads": true }),
    ];
    let mut copies = Vec::new();
    for of in [EMAIL, MAILBOX, THREAD] {
        copies.push(Copy::whole(&mut device, of).await);
    }
    let mut results = Vec::new();
    for query in queries {
        results.push(Results::whole(&mut device, query).await);
    }
    // Clients that went away at some moment, and come back at the end.
    let (mut old_copies, mut old_results) = (copies.clone(), results.clone());
    while writers.load(Ordering::SeqCst) > 0 {
        let place = device.below(copies.len());
        copies[place].follow(&mut device).await;
        let other = device.below(results.len());
        results[other].follow(&mut device).await;
        if device.below(6) == 0 {
            old_copies.push(copies[place].clone());
            old_results.push(results[other].clone());
        }
    }
    copies.extend(old_copies);
    results.extend(old_results);
    for copy in &mut copies {
        while copy.follow(&mut device).await {}
        let now = Copy::whole(&mut device, copy.of).await;
        assert_eq!((&copy.state, &copy.objects), (&now.state, &now.objects), "{}", copy.of);
    }
    for result in &mut results {
        // Once may end in asking anew, for there were too many changes; then there are none.
        result.follow(&mut device).await;
        result.follow(&mut device).await;
        let now = Results::whole(&mut device, result.query.clone()).await;
        assert_eq!(result.ids, now.ids, "{}", result.query);
        assert_eq!(result.state, now.state, "{}", result.query);
    }
}

#[test_each_engine]
async fn who_follows_an_account_that_many_write_to_ends_where_the_server_is(store: Store) {
    let (_, mut member) = owner(store).await;
    for number in 0..10 {
        member.receive(&format!("old {number}")).await;
    }
    let inbox = member.mailbox("inbox").await;
    let writers = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    let count = |work: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        let writers = Arc::clone(&writers);
        writers.fetch_add(1, Ordering::SeqCst);
        async move {
            work.await;
            writers.fetch_sub(1, Ordering::SeqCst);
        }
    };
    let device = |seed| Device::of(&member, seed);
    tasks.spawn(count(Box::pin(deliver(device(1)))));
    tasks.spawn(count(Box::pin(flag_and_move(device(2)))));
    tasks.spawn(count(Box::pin(flag_and_move(device(3)))));
    tasks.spawn(count(Box::pin(flag_and_expunge(device(4)))));
    tasks.spawn(count(Box::pin(change_mailboxes(device(5)))));
    let mut following = tokio::task::JoinSet::new();
    for seed in [11, 12, 13] {
        following.spawn(follow(device(seed), inbox.clone(), Arc::clone(&writers)));
    }
    tasks.join_all().await;
    following.join_all().await;
}
