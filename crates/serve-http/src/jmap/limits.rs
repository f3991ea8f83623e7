//! What a client may ask for at once; told in the session object, kept everywhere.

/// One upload, and so one message that is imported.
pub const MAX_SIZE_UPLOAD: usize = 50_000_000;
pub const MAX_CONCURRENT_UPLOAD: usize = 4;
pub const MAX_SIZE_REQUEST: usize = 10_000_000;
pub const MAX_CONCURRENT_REQUESTS: usize = 8;
pub const MAX_CALLS_IN_REQUEST: usize = 32;
pub const MAX_OBJECTS_IN_GET: usize = 1000;
pub const MAX_OBJECTS_IN_SET: usize = 500;
/// Event streams of one member.
pub const MAX_STREAMS: usize = 12;
/// Event streams in all.
pub const MAX_STREAMS_IN_ALL: usize = 20_000;

/// WebSockets of one member.
pub const MAX_WEB_SOCKETS: usize = 6;
/// WebSockets in all.
pub const MAX_WEB_SOCKETS_IN_ALL: usize = 10_000;

/// What result references may copy in one request. Without it, echoes that refer to echoes would double with every call.
pub const MAX_REFERRED_BYTES: usize = 16 * 1024 * 1024;
/// What the answers of one request may weigh; a call that would go beyond it is answered with `requestTooLarge`.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// Conditions and operators of one filter.
pub const MAX_FILTER_NODES: usize = 200;
/// Ids that one query answers with.
pub const MAX_QUERY_LIMIT: usize = 10_000;
/// Ids that one call for changes answers with.
pub const MAX_CHANGES: usize = 5_000;

/// A blob that is put together in a method call, and the pieces of it.
pub const MAX_BLOB_SET_BYTES: usize = 10_000_000;
pub const MAX_DATA_SOURCES: usize = 100;

/// What one member's uploads may weigh together until they expire.
pub const MAX_UPLOADED_BYTES: u64 = 500_000_000;
pub const MAX_UPLOADS: u64 = 1_000;
