//! Takes the current context across process boundaries.
