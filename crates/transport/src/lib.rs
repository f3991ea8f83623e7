//! What listeners of line protocols share, whatever is spoken on them: who may connect ([`Places`]), how sessions begin and end ([`Door`], [`serve`]), and octets in
//! the clear, under TLS or compressed ([`Stream`], [`Connection`]). It knows no command and no account.

mod connection;
mod deflate;
mod door;
mod listener;
mod places;
mod stream;

pub use connection::Connection;
pub use door::{Door, DoorLimits};
pub use listener::{Incoming, Listener, serve, stopped};
pub use places::{Place, Places};
pub use stream::Stream;

/// How a listener protects what is said on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// In the clear until the client asks for TLS.
    StartTls,
    /// TLS from the first octet (RFC 8314).
    Implicit,
}
