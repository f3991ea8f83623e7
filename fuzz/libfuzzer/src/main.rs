//! One target, named by `YANSHU_FUZZ_TARGET`. A panic anywhere in the process ends it, and libFuzzer keeps the input.
#![no_main]

use std::sync::{Mutex, OnceLock};

use libfuzzer_sys::fuzz_target;

static RUN: OnceLock<Mutex<fuzz::Run>> = OnceLock::new();

fuzz_target!(|input: &[u8]| {
    let run = RUN.get_or_init(|| {
        let name = std::env::var("YANSHU_FUZZ_TARGET").expect("YANSHU_FUZZ_TARGET names a target");
        let target = fuzz::targets::find(&name).expect("there is a target of this name");
        Mutex::new((target.begin)())
    });
    (run.lock().expect("a panic has ended the process"))(input);
});
