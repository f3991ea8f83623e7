//! What the store promises, on both engines, through its public interface.

mod transactions;
