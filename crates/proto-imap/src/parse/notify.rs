//! NOTIFY. RFC 5465 §8

use super::{Input, Parsed, messages, values};
use crate::{EventGroup, MailboxName, Notify, NotifyEvent, NotifyMailboxes, SyntaxErrorKind};

/// Each is held against every mailbox.
const MAX_GROUPS: usize = 100;
const MAX_MAILBOXES: usize = 1000;
const MAX_EVENTS: usize = 20;

/// `notify = "NOTIFY" SP ("SET" [SP "STATUS"] SP event-groups / "NONE")`
pub(super) fn notify(input: &mut Input) -> Parsed<Notify> {
    input.space()?;
    let wrong = input.unexpected("SET or NONE");
    match input.word(wrong.expected)?.as_str() {
        "NONE" => return Ok(Notify::None),
        "SET" => {}
        _ => return Err(wrong),
    }
    let status = input.accept_word(" STATUS");
    let mut groups: Vec<EventGroup> = Vec::new();
    loop {
        input.space()?;
        let wrong = input.unexpected("one group for the selected mailbox");
        if groups.len() == MAX_GROUPS {
            return Err(input.error(SyntaxErrorKind::TooLarge, "more than 100 groups"));
        }
        let group = group(input)?;
        if group.mailboxes.is_selected() && groups.iter().any(|other| other.mailboxes.is_selected()) {
            return Err(wrong);
        }
        groups.push(group);
        if input.is_at_end() {
            return Ok(Notify::Set { status, groups });
        }
    }
}

/// `event-group = "(" filter-mailboxes SP events ")"`
fn group(input: &mut Input) -> Parsed<EventGroup> {
    input.open()?;
    let mailboxes = mailboxes(input)?;
    input.space()?;
    let wrong = input.unexpected("events that go together");
    let mut events = Vec::new();
    if input.accept(b'(') {
        self::events(input, &mut events)?;
        input.close()?;
    } else if !input.accept_word("NONE") {
        // The examples of the RFC leave the parentheses out.
        self::events(input, &mut events)?;
    }
    input.close()?;
    // RFC 5465 §5: otherwise BAD.
    let has = |wanted: fn(&NotifyEvent) -> bool| events.iter().any(wanted);
    let (new, expunge) = (has(|event| matches!(event, NotifyEvent::MessageNew(_))), has(|event| *event == NotifyEvent::MessageExpunge));
    let changes = has(|event| matches!(event, NotifyEvent::FlagChange | NotifyEvent::AnnotationChange));
    let is_selected = mailboxes.is_selected();
    let fetches = has(|event| matches!(event, NotifyEvent::MessageNew(attributes) if !attributes.is_empty()));
    if new != expunge || (changes && !new) || (fetches && !is_selected) || (is_selected && !events.iter().all(may_be_selected)) {
        return Err(wrong);
    }
    Ok(EventGroup { mailboxes, events })
}

/// RFC 5465 §6.1; what is not known is for `BADEVENT`.
fn may_be_selected(event: &NotifyEvent) -> bool {
    event.is_of_messages() || matches!(event, NotifyEvent::Other(_))
}

fn mailboxes(input: &mut Input) -> Parsed<NotifyMailboxes> {
    let wrong = input.unexpected("which mailboxes");
    Ok(match input.word(wrong.expected)?.as_str() {
        "SELECTED" => NotifyMailboxes::Selected,
        "SELECTED-DELAYED" => NotifyMailboxes::SelectedDelayed,
        "INBOXES" => NotifyMailboxes::Inboxes,
        "PERSONAL" => NotifyMailboxes::Personal,
        "SUBSCRIBED" => NotifyMailboxes::Subscribed,
        "SUBTREE" => NotifyMailboxes::Subtree(names(input)?),
        "MAILBOXES" => NotifyMailboxes::Mailboxes(names(input)?),
        _ => return Err(wrong),
    })
}

/// `SP one-or-more-mailbox`
fn names(input: &mut Input) -> Parsed<Vec<MailboxName>> {
    input.space()?;
    if input.peek() != Some(b'(') {
        return Ok(vec![values::mailbox(input)?]);
    }
    let mut count = 0;
    input.filled_list("a mailbox", |input| {
        count += 1;
        if count > MAX_MAILBOXES {
            return Err(input.error(SyntaxErrorKind::TooLarge, "more than 1000 mailboxes"));
        }
        values::mailbox(input)
    })
}

/// `event *(SP event)`
fn events(input: &mut Input, events: &mut Vec<NotifyEvent>) -> Parsed<()> {
    loop {
        if events.len() == MAX_EVENTS {
            return Err(input.error(SyntaxErrorKind::TooLarge, "more than 20 events"));
        }
        events.push(event(input)?);
        if !input.accept(b' ') {
            return Ok(());
        }
    }
}

fn event(input: &mut Input) -> Parsed<NotifyEvent> {
    let name = input.atom("an event")?;
    if name.is("MessageNew") {
        let mut attributes = Vec::new();
        if matches!(input.rest(), [b' ', b'(', ..]) {
            input.space()?;
            attributes = messages::fetch_attributes(input)?;
        }
        return Ok(NotifyEvent::MessageNew(attributes));
    }
    Ok(NotifyEvent::PLAIN.into_iter().find(|event| name.is(event.name())).unwrap_or(NotifyEvent::Other(name)))
}
