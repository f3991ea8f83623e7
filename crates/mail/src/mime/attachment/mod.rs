//! What attached documents say: the text inside docx, xlsx, pptx and pdf files, for searches.
//!
//! Files are strangers' bytes. What is done for one file is bounded in bytes that are looked at, unpacked and given out, never in time, so that the same file
//! always says the same, on whatever machine and however busy; nothing calls itself for what is nested. A file that breaks a bound, or is broken itself,
//! says what was read of it until then.

mod archive;
mod office;
mod pdf;

/// Attached files of one message that are opened.
pub(super) const MAX_FILES: usize = 30;
/// Of one file, as it is attached.
const MAX_FILE: usize = 32 << 20;
/// Of one file, unpacked.
const MAX_UNPACKED: usize = 32 << 20;
/// Of text of one file.
const MAX_TEXT: usize = 1 << 20;

/// Whether a file that begins so may have a text.
pub(super) fn is_understood(beginning: &[u8]) -> bool {
    is_archive(beginning) || memchr::memmem::find(beginning, b"%PDF-").is_some()
}

/// The text of an attached file; `None` when it is none of those that are understood, which its first bytes tell.
pub fn text_of_file(file: &[u8]) -> Option<String> {
    if file.len() > MAX_FILE {
        return None;
    }
    if is_archive(file) { office::text(file) } else { pdf::text(file) }
}

fn is_archive(file: &[u8]) -> bool {
    file.starts_with(b"PK\x03\x04")
}
