//! `tongyuan migrate`: brings the database up to date and fills in the calendar that ships with the platform.

use std::sync::Arc;

use anyhow::Result;
use model::SystemClock;
use serde_json::json;

use super::{Context, calendar};
use crate::platform::open_engine;

pub(super) async fn run(context: &Context) -> Result<()> {
    let engine = open_engine(Arc::new(context.settings.clone()), Arc::new(SystemClock), None).await?;
    let report = engine.store.migrate()?;
    let years = calendar::seed(&engine)?;
    context.print(&json!({ "applied": report.applied, "calendar_years": years }), || {
        if report.applied.is_empty() {
            format!("{} is up to date", engine.store.shown())
        } else {
            format!("{}: applied {}", engine.store.shown(), report.applied.join(", "))
        }
    })
}
