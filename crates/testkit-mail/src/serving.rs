use std::io;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::PATIENCE;

/// Listeners at work, and the word that stops them.
pub struct Serving {
    stop: watch::Sender<bool>,
    listeners: Vec<JoinHandle<io::Result<()>>>,
}

impl Default for Serving {
    fn default() -> Self {
        Self { stop: watch::channel(false).0, listeners: Vec::new() }
    }
}

impl Serving {
    /// For the servers: turns true when they are to stop.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    pub fn add(&mut self, listener: impl Future<Output = io::Result<()>> + Send + 'static) {
        self.listeners.push(tokio::spawn(listener));
    }

    pub fn begin_to_stop(&self) {
        self.stop.send(true).expect("somebody listens");
    }

    /// Waits until all have ended, and their sessions have said goodbye.
    pub async fn stopped(&mut self) {
        for listener in self.listeners.drain(..) {
            timeout(PATIENCE, listener).await.expect("it stops in time").expect("it did not panic").expect("it served");
        }
    }

    pub async fn stop(&mut self) {
        self.begin_to_stop();
        self.stopped().await;
    }

    /// Ends them and their sessions where they are, as a power cut would.
    pub async fn crash(self) {
        // A session that is in the middle of a step when its server ends takes a closed channel for a stop in good order.
        std::mem::forget(self.stop);
        for listener in self.listeners {
            listener.abort();
            let _ = listener.await;
        }
    }
}
