//! IMAP for mail programs: sessions over what `proto-imap` reads and writes, translating commands into operations of `mail`.
