//! The rate follows a metric on several workers: all of them have the same rate at the same step, even if one lags
//! behind the others when the metric arrives.

mod common;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use common::scripted::{SCRIPT, expected, scheduler};
use common::*;
use sched_burn::Feed;
use sched_burn::prelude::*;

const WORKERS: usize = 3;

/// Each worker's rates.
type Rates = Arc<Mutex<[Vec<f64>; WORKERS]>>;

/// Keeps a worker in an epoch until the main worker has measured the metric of that epoch.
fn signals() -> (Vec<Sender<()>>, Vec<Mutex<Receiver<()>>>) {
    (1..WORKERS).map(|_| channel()).map(|(sender, receiver)| (sender, Mutex::new(receiver))).unzip()
}

macro_rules! parallel {
    ($burn:ident, $follow:ident) => {
        use burn::train::metric::store::Split;
        use burn::train::{ExecutionStrategy, MultiDeviceOptim, TrainingStrategy};
        use $burn as burn;
        use $follow::{Run, Scripted};

        use super::*;

        /// Trains with a strategy, without checkpoints.
        fn train(strategy: Strategy) -> Outcome {
            let directory = tempfile::tempdir().unwrap();
            let feed = Feed::new(SCRIPT.len()).without_horizon_guard();
            let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
            let training =
                run.training().metric_valid_numeric(Scripted::new(&SCRIPT, 0)).with_training_strategy(strategy);
            run.launch(training, scheduler(&feed))
        }

        #[test]
        fn several_devices_in_one_process() {
            for optim in [MultiDeviceOptim::OptimMainDevice, MultiDeviceOptim::OptimSharded] {
                let strategy = ExecutionStrategy::multi(vec![device(), device()], optim);
                // Five batches of four are ten items for each device: three rounds.
                assert_eq!(train(TrainingStrategy::Default(strategy)).rates, expected(3), "{optim:?}");
            }
        }

        #[test]
        fn workers_that_are_behind_change_their_rate_no_sooner() {
            let rates = Rates::default();
            train(TrainingStrategy::Custom(Arc::new(Workers { rates: rates.clone() })));
            let expected = expected(WORKER_STEPS);
            for (rank, rates) in rates.lock().unwrap().iter().enumerate() {
                assert_eq!(*rates, expected, "worker {rank}");
            }
        }

        /// Every worker has 6 or 8 items, that is, two batches.
        const WORKER_STEPS: usize = 2;

        /// Like burn's own DDP, except for the gradients: a clone of the learner on each thread, validation on the first.
        struct Workers {
            rates: Rates,
        }
    };
}

mod on_0_21 {
    use burn_0_21::data::dataloader::Progress;
    use burn_0_21::data::dataloader::split::split_dataloader;
    use burn_0_21::module::AutodiffModule;
    use burn_0_21::train::{
        EventProcessorTraining, InferenceStep, Learner, LearnerEvent, SupervisedLearningStrategy,
        SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents, TrainingItem, ValidLoader,
    };
    use common::follow_0_21;
    use common::learner_0_21::{Cpu, Mlp};

    parallel!(burn_0_21, follow_0_21);

    type Components = follow_0_21::Components<Cpu, Scheduler>;
    type Strategy = TrainingStrategy<Components>;

    fn device() -> burn::backend::ndarray::NdArrayDevice {
        Default::default()
    }

    impl SupervisedLearningStrategy<Components> for Workers {
        fn fit(
            &self,
            components: TrainingComponents<Components>,
            learner: Learner<Components>,
            train: TrainLoader<Components>,
            valid: ValidLoader<Components>,
            starting_epoch: usize,
        ) -> (Mlp<Cpu>, SupervisedTrainingEventProcessor<Components>) {
            let loaders = split_dataloader(train, &[device(); WORKERS]);
            let processor = Mutex::new(components.event_processor);
            let (measured, behind) = signals();
            let epochs = starting_epoch..=components.num_epochs;
            let last = components.num_epochs;
            let (progress, run) = (|| Progress::new(1, 1), |epoch| Progress::new(epoch, last));
            std::thread::scope(|scope| {
                for (rank, loader) in loaders.into_iter().enumerate() {
                    let (mut learner, epochs) = (learner.clone(), epochs.clone());
                    let (processor, measured, behind, valid) = (&processor, &measured, &behind, &valid);
                    let store = &components.event_store;
                    scope.spawn(move || {
                        // As burn's own DDP does; workers that share a graph deadlock burn 0.21's autodiff.
                        learner.fork(&device());
                        for epoch in epochs {
                            let mut batches = loader.iter();
                            for step in 0.. {
                                let Some(batch) = batches.next() else { break };
                                if rank > 0 && step + 1 == WORKER_STEPS {
                                    behind[rank - 1].lock().unwrap().recv().unwrap();
                                }
                                learner.lr_step();
                                self.rates.lock().unwrap()[rank].push(learner.lr_current());
                                let output = learner.train_step(batch);
                                learner.optimizer_step(output.grads);
                                let lr = Some(learner.lr_current());
                                let item = TrainingItem::new(output.item, progress(), run(epoch), None, lr);
                                processor.lock().unwrap().process_train(LearnerEvent::ProcessedItem(item));
                            }
                            if rank == 0 {
                                let mut processor = processor.lock().unwrap();
                                processor.process_train(LearnerEvent::EndEpoch(epoch));
                                for batch in valid.iter() {
                                    let output = learner.model().valid().step(batch);
                                    let item = TrainingItem::new(output, progress(), run(epoch), None, None);
                                    processor.process_valid(LearnerEvent::ProcessedItem(item));
                                }
                                processor.process_valid(LearnerEvent::EndEpoch(epoch));
                                drop(processor);
                                wait_until_measured(store, epoch);
                                measured.iter().for_each(|worker| worker.send(()).unwrap());
                            }
                        }
                    });
                }
            });
            (learner.model(), processor.into_inner().unwrap())
        }
    }

    /// Waits until the metric is in burn's store, and therefore in the feed.
    fn wait_until_measured(store: &burn::train::metric::store::EventStoreClient, epoch: usize) {
        let known = || store.find_metric("Scripted", epoch, burn::train::metric::store::Aggregate::Mean, &Split::Valid);
        while known().is_none() {
            std::thread::yield_now();
        }
    }
}

mod on_0_22 {
    use burn_0_22::data::dataloader::Progress;
    use burn_0_22::data::dataloader::split::split_dataloader;
    use burn_0_22::module::Module;
    use burn_0_22::tensor::Device;
    use burn_0_22::train::{
        EventProcessorTraining, InferenceStep, Learner, LearnerEvent, SupervisedLearningStrategy,
        SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents, TrainingItem, ValidLoader,
    };
    use common::v0_22::follow as follow_0_22;
    use common::v0_22::learner::Mlp;

    parallel!(burn_0_22, follow_0_22);

    type Strategy = TrainingStrategy<Mlp>;

    fn device() -> Device {
        Device::flex().autodiff()
    }

    impl SupervisedLearningStrategy<Mlp> for Workers {
        fn fit(
            &self,
            components: TrainingComponents<Mlp>,
            learner: Learner<Mlp>,
            train: TrainLoader<Mlp>,
            valid: ValidLoader<Mlp>,
            starting_epoch: usize,
        ) -> (Mlp, SupervisedTrainingEventProcessor<Mlp>) {
            let devices = [(); WORKERS].map(|()| device());
            let loaders = split_dataloader(train, &devices);
            let valid = valid.to_device(&device().inner());
            let processor = Mutex::new(components.event_processor);
            let (measured, behind) = signals();
            let epochs = starting_epoch..=components.num_epochs;
            let progress = || Progress::new(1, 1, None);
            std::thread::scope(|scope| {
                for (rank, loader) in loaders.into_iter().enumerate() {
                    let (mut learner, epochs) = (learner.clone(), epochs.clone());
                    let (processor, measured, behind, valid) = (&processor, &measured, &behind, &valid);
                    let store = &components.event_store;
                    scope.spawn(move || {
                        // As burn's own DDP does; workers that share a graph deadlock burn 0.21's autodiff.
                        learner.fork(&device());
                        for epoch in epochs {
                            let start = |items| LearnerEvent::StartSplit { epoch_number: epoch, total_items: items };
                            if rank == 0 {
                                processor.lock().unwrap().process_train(start(1)).unwrap();
                            }
                            let mut batches = loader.iter();
                            for step in 0.. {
                                let Some(batch) = batches.next() else { break };
                                if rank > 0 && step + 1 == WORKER_STEPS {
                                    behind[rank - 1].lock().unwrap().recv().unwrap();
                                }
                                let output = learner.train_step(batch.unwrap());
                                learner.lr_step();
                                self.rates.lock().unwrap()[rank].push(learner.lr_current().base());
                                learner.optimizer_step(output.grads);
                                let item = TrainingItem::new(output.item, progress(), None, Some(learner.lr_current()));
                                processor.lock().unwrap().process_train(LearnerEvent::ProcessedItem(item)).unwrap();
                            }
                            if rank == 0 {
                                let mut processor = processor.lock().unwrap();
                                processor.process_train(LearnerEvent::EndSplit(epoch)).unwrap();
                                let start = LearnerEvent::StartSplit { epoch_number: epoch, total_items: 1 };
                                processor.process_valid(start).unwrap();
                                for batch in valid.iter() {
                                    let output = InferenceStep::step(&learner.model().valid(), batch.unwrap());
                                    let item = TrainingItem::new(output, progress(), None, None);
                                    processor.process_valid(LearnerEvent::ProcessedItem(item)).unwrap();
                                }
                                processor.process_valid(LearnerEvent::EndSplit(epoch)).unwrap();
                                processor.flush().unwrap();
                                drop(processor);
                                wait_until_measured(store, epoch);
                                measured.iter().for_each(|worker| worker.send(()).unwrap());
                            }
                        }
                    });
                }
            });
            (learner.model(), processor.into_inner().unwrap())
        }
    }

    /// Waits until the metric is in burn's store, and therefore in the feed.
    fn wait_until_measured(store: &burn::train::metric::store::EventStoreClient, epoch: usize) {
        let known = || store.find_metric("Scripted", epoch, burn::train::metric::store::Aggregate::Mean, &Split::Valid);
        while known().is_none() {
            std::thread::yield_now();
        }
    }
}
