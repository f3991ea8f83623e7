//! The program from outside: what an operator types, and what happens when the machine is not as it should be.

mod backup;
mod faults;
mod imports;
mod installation;
mod interrupted;
