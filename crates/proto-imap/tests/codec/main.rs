//! The codec held to the RFCs' own examples, to its bounds, and to its word: what it writes it reads.

mod bounds;
mod examples;
mod framing;
mod generate;
mod read;
mod responses;
mod round_trip;
