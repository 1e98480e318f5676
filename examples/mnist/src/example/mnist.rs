//! The real images, which burn downloads.

use mnist_shared::Data;

#[cfg(not(feature = "mnist-data"))]
pub(super) fn load() -> Result<Data, String> {
    Err("--data mnist needs the feature `mnist-data`: add `--features mnist-data` to cargo's options".to_owned())
}

#[cfg(feature = "mnist-data")]
pub(super) fn load() -> Result<Data, String> {
    use burn_dataset_0_21::vision::MnistDataset;

    // burn panics when the download fails.
    let datasets = mnist_shared::catch(|| (MnistDataset::train(), MnistDataset::test()));
    let (train, valid) = datasets.map_err(|reason| {
        format!("burn could not get MNIST: {reason}; check the network and `burn-dataset/mnist` in the cache directory")
    })?;
    Ok(Data { train: samples(&train).into(), valid: samples(&valid).into() })
}

#[cfg(feature = "mnist-data")]
fn samples(dataset: &burn_dataset_0_21::vision::MnistDataset) -> mnist_shared::Samples {
    use burn_dataset_0_21::Dataset;
    use mnist_shared::{SIDE, Samples};

    let mut samples = Samples::default();
    for item in dataset.iter() {
        let mut image = [0; SIDE * SIDE];
        for (pixel, grey) in image.iter_mut().zip(item.image.as_flattened()) {
            *pixel = *grey as u8;
        }
        samples.images.push(image);
        samples.labels.push(item.label);
    }
    samples
}
