//! The progress logger that learns how many epochs burn trains.

use super::burn::train::logger::TrainingProgressLogger;

use crate::feed::Feed;

/// Compares burn's number of epochs with the feed's.
pub(super) struct Epochs(pub(super) Feed);

impl TrainingProgressLogger for Epochs {
    fn start(&mut self, total_epochs: usize, _: usize, _: Option<usize>, _: Option<&str>) {
        self.0.compare_epochs(total_epochs);
    }

    fn update_epoch(&mut self, _: usize) {}

    since_0_23! {
        {
            fn start_split(&mut self, _: &str, _: &super::burn::data::dataloader::Progress) {}

            fn update_split(&mut self, _: &super::burn::data::dataloader::Progress) {}

            fn end_split(&mut self, _: &super::burn::data::dataloader::Progress) {}
        } else {
            fn start_split(&mut self, _: &str, _: usize) {}

            fn update_split(&mut self, _: usize) {}

            fn end_split(&mut self) {}
        }
    }

    fn end(&mut self) {}

    fn log_event_training(&mut self, _: String) {}
}
