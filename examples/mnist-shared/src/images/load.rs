//! The images that the settings ask for.

use super::digits;
use super::samples::Data;
use crate::args::DataSet;
use crate::error::Error;
use crate::settings::Settings;

/// Gets MNIST, or says why it cannot.
pub(crate) type Download = fn() -> Result<Data, String>;

pub(crate) fn load(settings: &Settings, mnist: Download) -> Result<Data, Error> {
    let Settings { data, seed, train_items, valid_items, .. } = *settings;
    match data {
        DataSet::Digits => Ok(digits::draw(seed, train_items.unwrap_or_default(), valid_items.unwrap_or_default())),
        DataSet::Mnist => {
            let Data { train, valid } = mnist().map_err(Error::Data)?;
            Ok(Data { train: train.first(train_items).into(), valid: valid.first(valid_items).into() })
        }
    }
}
