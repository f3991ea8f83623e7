//! Each target for some seconds; see the crate.

use fuzz::{drive, targets};

macro_rules! targets {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            drive(targets::find(stringify!($name)).expect("a target of this name"));
        }
    )*

        #[test]
        fn every_target_has_a_test() {
            let tested = [$(stringify!($name)),*];
            assert!(targets::ALL.iter().map(|target| target.name).eq(tested));
        }
    };
}

targets! {
    attached_text html imap_command imap_response imap_session jmap_request message pop3_line pop3_session search_text
}
