//! Prints the API's description: `cargo run -p serve-http --example openapi > crates/serve-http/openapi.json`.

fn main() {
    print!("{}", serve_http::openapi::document());
}
