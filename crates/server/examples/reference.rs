//! Writes the pages of `docs/reference/`: `cargo run -p server --example reference -- DIR`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| "docs/reference".to_owned());
    std::fs::create_dir_all(&dir)?;
    for (name, page) in server::reference::pages() {
        std::fs::write(Path::new(&dir).join(name), page)?;
    }
    Ok(())
}
