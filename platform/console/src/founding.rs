//! 新建站点: four steps from a template to a site with people on it. What was typed travels with the form, so that nothing is lost and
//! nothing is there before the last press.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use model::Problem;
use publish::CommandError;
use publish::commands::founding::{self, NewSite, SiteTemplate};
use publish::commands::site_record::Record;
use serde::{Deserialize, Serialize};
use web::{App, Error, SignedIn, Tenants};

use crate::form::list;
use crate::screens::{self, Frame, Place};

/// The steps, each with the fields it asks for.
const STEPS: [(&str, &[&str]); 4] = [
    (
        "基本信息",
        &[
            "name",
            "short_name",
            "key",
            "agency_name",
            "agency_code",
            "agency_phone",
            "agency_address",
            "agency_postcode",
            "agency_email",
        ],
    ),
    ("域名与备案", &["domain", "hosts", "site_code", "icp_number", "police_number", "conac_url"]),
    ("模板与人员", &["template", "administrators", "editors", "reviewers"]),
    ("确认", &[]),
];

/// Everything that was typed so far.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    /// The step that was shown, from nought.
    step: usize,
    /// The button pressed: `next`, `back` or `back-1` (to that step).
    #[serde(skip_serializing)]
    go: String,
    name: String,
    short_name: String,
    key: String,
    agency_name: String,
    agency_code: String,
    agency_phone: String,
    agency_address: String,
    agency_postcode: String,
    agency_email: String,
    domain: String,
    hosts: String,
    site_code: String,
    icp_number: String,
    police_number: String,
    conac_url: String,
    template: String,
    administrators: String,
    editors: String,
    reviewers: String,
}

#[derive(Serialize)]
struct Screen {
    step: usize,
    steps: Vec<&'static str>,
    typed: Typed,
    problems: Vec<Problem>,
    refusal: Option<String>,
    templates: Vec<Choice>,
    /// Who will work on it by name, at the last step.
    named: Vec<(&'static str, Vec<String>)>,
}

#[derive(Serialize)]
struct Choice {
    key: String,
    title: String,
    description: String,
    channels: Vec<String>,
    steps: String,
}

/// GET /console/sites/new
pub(crate) async fn begin(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<Response, Error> {
    draw(&app, &signed_in, Typed::default(), 0, Vec::new(), None).await
}

/// POST /console/sites/new
pub(crate) async fn go(State(app): State<Arc<App>>, signed_in: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let step = typed.step.min(STEPS.len() - 1);
    if let Some(back) = typed.go.strip_prefix("back") {
        let before = back.strip_prefix('-').and_then(|at| at.parse().ok()).unwrap_or(step.saturating_sub(1));
        return draw(&app, &signed_in, typed, step.min(before), Vec::new(), None).await;
    }
    match find_wrong(&app, &typed.site(), step).await? {
        Some((at, problems)) => draw(&app, &signed_in, typed, at, problems, None).await,
        None => draw(&app, &signed_in, typed, (step + 1).min(STEPS.len() - 1), Vec::new(), None).await,
    }
}

/// POST /console/sites/new/found: the last press. It appoints people, so it is confirmed.
pub(crate) async fn found(State(app): State<Arc<App>>, signed_in: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (new, last) = (typed.site(), STEPS.len() - 1);
    if let Some((at, problems)) = find_wrong(&app, &new, last).await? {
        return draw(&app, &signed_in, typed, at, problems, None).await;
    }
    let actor = signed_in.actor();
    let key = new.key.clone();
    match app.command(move |engine| founding::found(engine, &actor, &new)).await {
        Ok(_) => {
            Tenants::read_again(&app).await;
            Ok(Redirect::to(&format!("/console/{key}/state?done=founded")).into_response())
        }
        Err(CommandError::Invalid(problems)) => draw(&app, &signed_in, typed, 0, problems, None).await,
        Err(CommandError::Refused(sentence)) => draw(&app, &signed_in, typed, last, Vec::new(), Some(sentence)).await,
        Err(other) => Err(other.into()),
    }
}

/// The first step with something wrong, which is where to go on; steps not reached yet are not blamed.
async fn find_wrong(app: &Arc<App>, new: &NewSite, reached: usize) -> Result<Option<(usize, Vec<Problem>)>, Error> {
    let new = new.clone();
    let problems = app.command(move |engine| founding::problems(engine, &new)).await?;
    let Some(at) = (0..=reached).find(|at| problems.iter().any(|problem| STEPS[*at].1.contains(&problem.field))) else {
        return Ok(None);
    };
    let mut here: Vec<_> = problems.into_iter().filter(|problem| STEPS[at].1.contains(&problem.field)).collect();
    here.sort_by_key(|problem| STEPS[at].1.iter().position(|field| *field == problem.field));
    Ok(Some((at, here)))
}

impl Typed {
    fn site(&self) -> NewSite {
        let plain = |text: &str| text.trim().to_owned();
        let agency = [
            &self.agency_code,
            &self.agency_name,
            &self.agency_phone,
            &self.agency_address,
            &self.agency_postcode,
            &self.agency_email,
        ];
        NewSite {
            key: plain(&self.key),
            record: Record {
                name: plain(&self.name),
                short_name: plain(&self.short_name),
                domain: plain(&self.domain).to_lowercase(),
                hosts: words(&self.hosts.to_lowercase()),
                site_code: plain(&self.site_code),
                icp_number: plain(&self.icp_number),
                police_number: plain(&self.police_number),
                conac_url: plain(&self.conac_url),
            },
            agency: agency.map(|text| plain(text)),
            template: plain(&self.template),
            administrators: words(&self.administrators),
            editors: words(&self.editors),
            reviewers: words(&self.reviewers),
        }
    }
}

/// Usernames and hosts hold no spaces, so a space parts them as well.
pub(crate) fn words(text: &str) -> Vec<String> {
    list(&text.replace(' ', ","))
}

async fn draw(
    app: &Arc<App>,
    signed_in: &SignedIn,
    typed: Typed,
    step: usize,
    problems: Vec<Problem>,
    refusal: Option<String>,
) -> Result<Response, Error> {
    let status = match (problems.is_empty(), &refusal) {
        (true, None) => StatusCode::OK,
        (true, Some(_)) => StatusCode::CONFLICT,
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let templates = app.command(founding::templates).await?;
    let named = if step == STEPS.len() - 1 { named(app, &typed).await? } else { Vec::new() };
    let screen = Screen {
        step,
        steps: STEPS.iter().map(|(name, _)| *name).collect(),
        typed,
        problems,
        refusal,
        templates: templates.into_iter().map(choice).collect(),
        named,
    };
    let frame = Frame::platform(signed_in, Place::Sites, "新建站点");
    // A browser may keep a step for its Back button, which a form that was sent could not be asked for again.
    let kept = [(header::CACHE_CONTROL, "private, no-cache")];
    Ok((status, kept, screens::draw("site_new.html", frame, screen)?).into_response())
}

/// The people who were chosen, each told by name.
async fn named(app: &Arc<App>, typed: &Typed) -> Result<Vec<(&'static str, Vec<String>)>, Error> {
    let NewSite { administrators, editors, reviewers, .. } = typed.site();
    app.read(move |connection| {
        let chosen = [("站点管理员", administrators), ("编辑", editors), ("审核员", reviewers)];
        chosen
            .into_iter()
            .map(|(label, names)| Ok((label, founding::told(connection, &names)?)))
            .collect::<Result<_, store::Error>>()
    })
    .await
}

fn choice(template: SiteTemplate) -> Choice {
    let channels = template.channels.iter().map(|channel| channel.name.clone()).filter(|name| !name.contains('{')).collect();
    Choice {
        key: template.key,
        title: template.title,
        description: template.description,
        channels,
        steps: template.workflow.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join("、"),
    }
}
