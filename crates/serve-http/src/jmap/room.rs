//! Memory for bodies that are being read: many clients at once wait for room instead of filling the machine.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use http::{HeaderMap, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const UNIT_BYTES: usize = 1024;

/// Room for bodies; cheap to clone.
#[derive(Clone)]
pub struct Room {
    units: Arc<Semaphore>,
}

/// A body that was read, and the room it takes until this is dropped.
pub struct Held {
    pub bytes: Bytes,
    room: OwnedSemaphorePermit,
}

impl Held {
    /// The room alone, for what was made of the bytes.
    pub fn into_room(self) -> OwnedSemaphorePermit {
        self.room
    }
}

/// The body is longer than allowed.
#[derive(Debug)]
pub struct TooLong;

impl Room {
    pub fn new(bytes: usize) -> Self {
        Self { units: Arc::new(Semaphore::new(bytes / UNIT_BYTES)) }
    }

    /// Reads a body of at most `limit` bytes as soon as there is room for it. `Ok(None)` when the client broke off.
    pub async fn read(&self, headers: &HeaderMap, body: Body, limit: usize) -> Result<Option<Held>, TooLong> {
        let length =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<usize>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(TooLong);
        }
        // Who does not tell how much is coming is thought to send the most.
        let units = u32::try_from(length.unwrap_or(limit) / UNIT_BYTES + 1).unwrap_or(u32::MAX);
        let Ok(mut room) = Arc::clone(&self.units).acquire_many_owned(units).await else { return Ok(None) };
        match axum::body::to_bytes(body, limit).await {
            Ok(bytes) => {
                // What was not needed after all.
                drop(room.split(room.num_permits().saturating_sub(bytes.len() / UNIT_BYTES + 1)));
                Ok(Some(Held { bytes, room }))
            }
            Err(error) => match std::error::Error::source(&error) {
                Some(source) if source.is::<http_body_util::LengthLimitError>() => Err(TooLong),
                _ => Ok(None),
            },
        }
    }
}
