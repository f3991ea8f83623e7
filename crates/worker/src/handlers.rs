//! Which function does which kind of job.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use kernel::Actor;
use lifecycle::jobs::{JobApp, JobError};
use serde_json::{Value, json};
use store::jobs::Job;

type Answer = Pin<Box<dyn Future<Output = Result<Value, JobError>> + Send>>;
type Handler = Arc<dyn Fn(JobApp, Job) -> Answer + Send + Sync>;

/// The kinds of jobs a worker takes, and what it does with each.
#[derive(Clone, Default)]
pub struct Handlers {
    by_kind: BTreeMap<&'static str, Handler>,
}

impl Handlers {
    /// Without any kind; for tests.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every kind the product has.
    pub fn all() -> Self {
        Self::mail().and_long()
    }

    /// What somebody waits for: mail on its way to many accounts. Never behind an import.
    pub fn mail() -> Self {
        Self::none().with(mail::delivery::FAN_OUT_JOB, |app, job| async move { fan_out(&app, &job).await })
    }

    /// Everything else.
    pub fn long() -> Self {
        Self::none().and_long()
    }

    fn and_long(self) -> Self {
        self.with(lifecycle::imports::PLAN_JOB, |app, job| async move { lifecycle::imports::run_plan(&app, &job).await })
            .with(lifecycle::imports::APPLY_JOB, |app, job| async move { lifecycle::imports::run_apply(&app, &job).await })
            .with(lifecycle::imports::UNDO_JOB, |app, job| async move { lifecycle::imports::run_undo(&app, &job).await })
            .with(lifecycle::members::CHANGE_JOB, |app, job| async move { lifecycle::members::run_change(&app, &job).await })
            .with(lifecycle::mail_recovery::RESTORE_JOB, |app, job| async move { lifecycle::mail_recovery::run_restore(&app, &job).await })
            .with(lifecycle::exports::EXPORT_JOB, |app, job| async move { lifecycle::exports::run_export(&app, &job).await })
    }

    pub fn with<F, A>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(JobApp, Job) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Value, JobError>> + Send + 'static,
    {
        self.by_kind.insert(kind, Arc::new(move |app, job| Box::pin(handler(app, job))));
        self
    }

    pub fn kinds(&self) -> Vec<&'static str> {
        self.by_kind.keys().copied().collect()
    }

    /// Starts the work; `None` for a kind nobody knows.
    pub(crate) fn start(&self, app: &JobApp, job: &Job) -> Option<Answer> {
        let handler = self.by_kind.get(job.kind.as_str())?;
        Some(handler(app.clone(), job.clone()))
    }
}

/// Refused recipients stay with the message until whoever tends the queue has told its sender.
async fn fan_out(app: &JobApp, job: &Job) -> Result<Value, JobError> {
    let Some(ingress) = mail::delivery::ingress_of(&job.payload) else { return Err(JobError::refused("job_payload_unreadable")) };
    let ctx = app.ctx(job.org, Actor::System { task: mail::delivery::FAN_OUT_JOB }, &job.id.to_string());
    let done = mail::delivery::run_fan_out(&app.store, &ctx, ingress).await?;
    Ok(json!({ "delivered": done.delivered, "refused": done.refused.len() }))
}
