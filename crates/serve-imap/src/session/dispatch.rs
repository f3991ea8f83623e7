//! From a command to what does it.

use proto_imap::{Code, Command, CommandBody};

use super::{Answer, Session};
use crate::commands::{
    append, authenticate, capability, close, compress, copy, create, delete, enable, expunge, fetch, get_jmap_access, get_quota, id, idle,
    list, login, logout, lsub, metadata, namespace, noop, notify, rename, replace, search, select, sort, start_tls, status, store,
    subscribe, thread,
};
use crate::errors::Refusal;
use crate::session::receive::Message;

/// Each on the heap for itself: IDLE lasts, and shall not take the room of the largest of them.
pub(super) async fn run(session: &mut Session, command: Command, messages: Vec<Message>) -> Answer {
    let Command { tag, body } = command;
    match body {
        CommandBody::Capability => capability::capability(session),
        CommandBody::Noop | CommandBody::Check => noop::noop(),
        CommandBody::Logout => logout::logout(session, tag),
        CommandBody::Id(fields) => id::id(session, &fields),
        CommandBody::StartTls => Box::pin(start_tls::start_tls(session, tag)).await,
        CommandBody::Authenticate { mechanism, initial } => Box::pin(authenticate::authenticate(session, &mechanism, initial)).await,
        CommandBody::Login { user, password } => Box::pin(login::login(session, &user, &password)).await,
        CommandBody::Enable(wanted) => Box::pin(enable::enable(session, &wanted)).await,
        CommandBody::Select(wanted) => Box::pin(select::select(session, wanted, false)).await,
        CommandBody::Examine(wanted) => Box::pin(select::select(session, wanted, true)).await,
        CommandBody::Create { mailbox, special_uses } => Box::pin(create::create(session, &mailbox, &special_uses)).await,
        CommandBody::Delete(mailbox) => Box::pin(delete::delete(session, &mailbox)).await,
        CommandBody::Rename { from, to } => Box::pin(rename::rename(session, &from, &to)).await,
        CommandBody::Subscribe(mailbox) => Box::pin(subscribe::subscribe(session, &mailbox)).await,
        CommandBody::Unsubscribe(mailbox) => Box::pin(subscribe::unsubscribe(session, &mailbox)).await,
        CommandBody::List(wanted) => Box::pin(list::list(session, wanted)).await,
        CommandBody::Lsub { reference, pattern } => Box::pin(lsub::lsub(session, &reference, &pattern)).await,
        CommandBody::Namespace => namespace::namespace(session),
        CommandBody::Status { mailbox, items } => Box::pin(status::status(session, &mailbox, &items)).await,
        CommandBody::Append(append) => Box::pin(append::append(session, append, messages)).await,
        CommandBody::Idle => idle::idle(session).await,
        CommandBody::GetQuota { root } => Box::pin(get_quota::get_quota(session, &root)).await,
        CommandBody::GetQuotaRoot(mailbox) => Box::pin(get_quota::get_quota_root(session, &mailbox)).await,
        CommandBody::SetQuota { .. } => Err(Refusal::no(Code::NoPerm, "Quotas are set by administrators").into()),
        CommandBody::Close => Box::pin(close::close(session)).await,
        CommandBody::Unselect => Box::pin(close::unselect(session)).await,
        CommandBody::Expunge => Box::pin(expunge::expunge(session, None)).await,
        CommandBody::UidExpunge(uids) => Box::pin(expunge::expunge(session, Some(&uids))).await,
        CommandBody::Search(search) => Box::pin(search::search(session, tag, search)).await,
        CommandBody::ESearch(wanted) => Box::pin(search::multi_search(session, tag, wanted)).await,
        CommandBody::Sort(sort) => Box::pin(sort::sort(session, tag, sort)).await,
        CommandBody::Thread(thread) => Box::pin(thread::thread(session, thread)).await,
        CommandBody::Fetch(fetch) => Box::pin(fetch::fetch(session, fetch)).await,
        CommandBody::Store(store) => Box::pin(store::store(session, store)).await,
        CommandBody::Copy(copy) => Box::pin(copy::copy(session, copy)).await,
        CommandBody::Move(copy) => Box::pin(copy::move_messages(session, copy)).await,
        CommandBody::Replace(wanted) => Box::pin(replace::replace(session, wanted, messages)).await,
        CommandBody::GetMetadata(get) => Box::pin(metadata::get_metadata(session, get)).await,
        CommandBody::Notify(wanted) => Box::pin(notify::notify(session, wanted)).await,
        CommandBody::SetMetadata(set) => Box::pin(metadata::set_metadata(session, set)).await,
        CommandBody::GetJmapAccess => get_jmap_access::get_jmap_access(session),
        CommandBody::Compress { algorithm } => Box::pin(compress::compress(session, tag, &algorithm)).await,
    }
}
