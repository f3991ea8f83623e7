//! The codec held to the RFCs' own examples, to its bounds, and to its word: what it writes it reads.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

mod bounds;
mod examples;
mod framing;
mod generate;
mod read;
mod responses;
mod round_trip;
