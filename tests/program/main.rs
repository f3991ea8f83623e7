//! The program from outside: what an operator types, and what happens when the machine is not as it should be.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

mod backup;
mod client;
mod clients;
mod crash;
mod faults;
mod imports;
mod installation;
mod interrupted;
mod rudeness;
mod search;
mod waiting;
