//! Proves at compile time that every public type of the core can be sent to and shared with other threads.

use sched_core::*;

fn send_and_sync<T: Send + Sync>() {}

macro_rules! all_of {
    ($($type:ident)*) => {
        #[test]
        fn every_public_type_is_send_and_sync() {
            $(send_and_sync::<$type>();)*
        }
    };
}

all_of! {
    Anneal Beyond Custom Cyclic CyclicMode Duration DurationError Exponential Factor Feedback Greedy GreedyBuilder Growth
    HorizonMismatch LoadError Milestone NoSuggestion Node NonFinite Observation ObserveError OnMismatch OneCycle Phase Plan
    PlanError Plateau PlateauBuilder PlateauMode PowerLaw Ramp RangeCurve RangeEnd RangePoint RangeRecorder RangeTest RateError
    Repeat Schedule ScheduleError Scheduler SchedulerState Seen Shape Steps Suggestion Suggestions ThresholdMode Unit
    UnitsError Value Wsd
}
