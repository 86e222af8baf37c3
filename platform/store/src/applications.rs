//! Applications (应用) in which people sign in through us, and what each agreed that they may be told.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Application, ApplicationContent, ApplicationId, CitizenId, Clientele, Subject};

use crate::schema::{application_consents as consents, applications as table, citizen_consents};
use crate::{Command, Connection, Result, on};

type Row = (i64, String, String, String, String, String, String, String, String, bool, bool, bool);

const COLUMNS: (
    table::id,
    table::client,
    table::clientele,
    table::name,
    table::keeper,
    table::contact,
    table::purpose,
    table::redirects,
    table::farewells,
    table::is_confidential,
    table::asks_consent,
    table::is_open,
) = (
    table::id,
    table::client,
    table::clientele,
    table::name,
    table::keeper,
    table::contact,
    table::purpose,
    table::redirects,
    table::farewells,
    table::is_confidential,
    table::asks_consent,
    table::is_open,
);

/// All of them, by name.
pub fn list(connection: &mut Connection) -> Result<Vec<Application>> {
    let rows = table::table.order((table::name, table::id)).select(COLUMNS).load::<Row>(connection)?;
    rows.into_iter().map(application).collect()
}

/// One by its number.
pub fn find(connection: &mut Connection, id: ApplicationId) -> Result<Option<Application>> {
    table::table.find(id.0).select(COLUMNS).first::<Row>(connection).optional()?.map(application).transpose()
}

/// One by the name it gives itself, and the hash of its secret.
pub fn find_by_client(connection: &mut Connection, client: &str) -> Result<Option<(Application, Option<String>)>> {
    let query = table::table.filter(table::client.eq(client)).select((COLUMNS, table::secret_hash));
    let found = query.first::<(Row, Option<String>)>(connection).optional()?;
    found.map(|(row, secret)| Ok((application(row)?, secret))).transpose()
}

/// Adds one, for such people, under the name it gives itself.
pub fn insert(
    command: &mut Command<'_>,
    (client, clientele): (&str, Clientele),
    secret_hash: Option<&str>,
    content: &ApplicationContent,
    now: NaiveDateTime,
) -> Result<ApplicationId> {
    let named = (table::client.eq(client), table::clientele.eq(clientele.as_str()));
    let known = (named, table::secret_hash.eq(secret_hash), table::created_at.eq(now));
    let id = diesel::insert_into(table::table).values((known, values(content))).returning(table::id);
    Ok(ApplicationId(id.get_result::<i64>(&mut **command)?))
}

/// Makes one what is said here.
pub fn update(command: &mut Command<'_>, id: ApplicationId, content: &ApplicationContent) -> Result<()> {
    diesel::update(table::table.find(id.0)).set(values(content)).execute(&mut **command)?;
    Ok(())
}

/// Gives it another secret.
pub fn set_secret(command: &mut Command<'_>, id: ApplicationId, secret_hash: &str) -> Result<()> {
    diesel::update(table::table.find(id.0)).set(table::secret_hash.eq(secret_hash)).execute(&mut **command)?;
    Ok(())
}

/// What somebody agreed that an application may be told, in the words of the protocol.
pub fn find_consent(connection: &mut Connection, id: ApplicationId, subject: Subject) -> Result<Option<String>> {
    Ok(match subject {
        Subject::Staff(user) => consents::table.find((id.0, user.0)).select(consents::scopes).first(connection).optional()?,
        Subject::Citizen(citizen) => {
            let said = citizen_consents::table.find((id.0, citizen.0)).select(citizen_consents::scopes);
            said.first(connection).optional()?
        }
    })
}

/// Keeps what somebody agrees to.
pub fn agree(command: &mut Command<'_>, id: ApplicationId, subject: Subject, scopes: &str, now: NaiveDateTime) -> Result<()> {
    match subject {
        Subject::Staff(user) => {
            let key = (consents::application_id.eq(id.0), consents::user_id.eq(user.0));
            let said = (consents::scopes.eq(scopes), consents::given_at.eq(now));
            let place = (consents::application_id, consents::user_id);
            on!(&mut **command, c => diesel::insert_into(consents::table).values((key, said)).on_conflict(place).do_update().set(said).execute(c))?;
        }
        Subject::Citizen(citizen) => {
            use citizen_consents::{application_id, citizen_id, given_at, table};
            let key = (application_id.eq(id.0), citizen_id.eq(citizen.0));
            let said = (citizen_consents::scopes.eq(scopes), given_at.eq(now));
            let place = (application_id, citizen_id);
            on!(&mut **command, c => diesel::insert_into(table).values((key, said)).on_conflict(place).do_update().set(said).execute(c))?;
        }
    }
    Ok(())
}

/// What somebody agreed to, by the name of the application, and since when.
pub fn list_consents(connection: &mut Connection, subject: Subject) -> Result<Vec<(Application, String, NaiveDateTime)>> {
    let rows = match subject {
        Subject::Staff(user) => consents::table
            .inner_join(table::table.on(table::id.eq(consents::application_id)))
            .filter(consents::user_id.eq(user.0))
            .order((table::name, table::id))
            .select((COLUMNS, consents::scopes, consents::given_at))
            .load::<(Row, String, NaiveDateTime)>(connection)?,
        Subject::Citizen(citizen) => citizen_consents::table
            .inner_join(table::table.on(table::id.eq(citizen_consents::application_id)))
            .filter(citizen_consents::citizen_id.eq(citizen.0))
            .order((table::name, table::id))
            .select((COLUMNS, citizen_consents::scopes, citizen_consents::given_at))
            .load::<(Row, String, NaiveDateTime)>(connection)?,
    };
    rows.into_iter().map(|(row, scopes, since)| Ok((application(row)?, scopes, since))).collect()
}

/// Forgets what somebody agreed to; says whether they had.
pub fn disagree(command: &mut Command<'_>, id: ApplicationId, subject: Subject) -> Result<bool> {
    let forgotten = match subject {
        Subject::Staff(user) => diesel::delete(consents::table.find((id.0, user.0))).execute(&mut **command)?,
        Subject::Citizen(citizen) => diesel::delete(citizen_consents::table.find((id.0, citizen.0))).execute(&mut **command)?,
    };
    Ok(forgotten > 0)
}

/// Forgets what anybody agreed to of an application.
pub fn forget_consents(command: &mut Command<'_>, id: ApplicationId) -> Result<()> {
    diesel::delete(consents::table.filter(consents::application_id.eq(id.0))).execute(&mut **command)?;
    diesel::delete(citizen_consents::table.filter(citizen_consents::application_id.eq(id.0))).execute(&mut **command)?;
    Ok(())
}

/// Forgets all that a citizen agreed to.
pub fn forget_citizen(command: &mut Command<'_>, citizen: CitizenId) -> Result<()> {
    let theirs = citizen_consents::table.filter(citizen_consents::citizen_id.eq(citizen.0));
    diesel::delete(theirs).execute(&mut **command)?;
    Ok(())
}

type Values<'a> = (
    diesel::dsl::Eq<table::name, &'a str>,
    diesel::dsl::Eq<table::keeper, &'a str>,
    diesel::dsl::Eq<table::contact, &'a str>,
    diesel::dsl::Eq<table::purpose, &'a str>,
    diesel::dsl::Eq<table::redirects, String>,
    diesel::dsl::Eq<table::farewells, String>,
    diesel::dsl::Eq<table::is_confidential, bool>,
    diesel::dsl::Eq<table::asks_consent, bool>,
    diesel::dsl::Eq<table::is_open, bool>,
);

fn values(content: &ApplicationContent) -> Values<'_> {
    (
        table::name.eq(content.name.as_str()),
        table::keeper.eq(content.keeper.as_str()),
        table::contact.eq(content.contact.as_str()),
        table::purpose.eq(content.purpose.as_str()),
        table::redirects.eq(content.redirects.join("\n")),
        table::farewells.eq(content.farewells.join("\n")),
        table::is_confidential.eq(content.is_confidential),
        table::asks_consent.eq(content.asks_consent),
        table::is_open.eq(content.is_open),
    )
}

fn application(row: Row) -> Result<Application> {
    let (id, client, clientele, name, keeper, contact, purpose, redirects, farewells, is_confidential, asks_consent, is_open) =
        row;
    let lines = |text: String| text.lines().map(str::to_owned).collect();
    let content = ApplicationContent {
        name,
        keeper,
        contact,
        purpose,
        redirects: lines(redirects),
        farewells: lines(farewells),
        is_confidential,
        asks_consent,
        is_open,
    };
    Ok(Application { id: ApplicationId(id), client, clientele: clientele.parse()?, content })
}
