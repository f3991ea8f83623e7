//! Mail in: from other servers (MX), from members (submission), and from a server of one's own in front (LMTP).
