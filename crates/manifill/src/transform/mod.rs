//! Running modifiers on values.
