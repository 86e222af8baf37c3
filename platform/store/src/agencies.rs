//! The directory of agencies (机构), and how much each has issued.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use model::{Agency, AgencyId, ResourceState};

use crate::schema::{agencies, index_serials, resources};
use crate::sites::{AgencyRow, agency};
use crate::{Command, Connection, Result};

/// What an agency has issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issued {
    /// 索引号, of all years.
    pub index_numbers: i64,
    /// Resources that are live.
    pub live: i64,
}

/// Every agency, by code.
pub fn list(connection: &mut Connection) -> Result<Vec<Agency>> {
    Ok(agencies::table.order(agencies::code).load::<AgencyRow>(connection)?.into_iter().map(agency).collect())
}

/// The agency with this number.
pub fn find(connection: &mut Connection, id: AgencyId) -> Result<Option<Agency>> {
    Ok(agencies::table.find(id.0).first::<AgencyRow>(connection).optional()?.map(agency))
}

/// What each has issued; who has issued nothing is left out.
pub fn list_issued(connection: &mut Connection) -> Result<HashMap<AgencyId, Issued>> {
    let mut found: HashMap<AgencyId, Issued> = HashMap::new();
    // A row a year.
    let serials = index_serials::table.select((index_serials::agency_id, index_serials::last));
    for (id, last) in serials.load::<(i64, i64)>(connection)? {
        found.entry(AgencyId(id)).or_default().index_numbers += last;
    }
    let live = resources::table.filter(resources::state.eq(ResourceState::Live.as_str())).group_by(resources::agency_id);
    let counted = live.select((resources::agency_id, diesel::dsl::count_star()));
    for (id, count) in counted.load::<(i64, i64)>(connection)? {
        found.entry(AgencyId(id)).or_default().live = count;
    }
    Ok(found)
}

/// Whether an index number (索引号) was ever issued with the code of an agency.
pub fn has_issued(connection: &mut Connection, id: AgencyId) -> Result<bool> {
    let issued = index_serials::table.filter(index_serials::agency_id.eq(id.0));
    // What was taken in brought its own.
    let brought = resources::table.filter(resources::agency_id.eq(id.0).and(resources::index_number.is_not_null()));
    Ok(diesel::select(exists(issued).or(exists(brought))).get_result(connection)?)
}

/// Gives an agency another code; says whether it could, which it cannot once an index number was issued with the one it has.
pub fn correct_code(command: &mut Command<'_>, id: AgencyId, code: &str) -> Result<bool> {
    if has_issued(command, id)? {
        return Ok(false);
    }
    diesel::update(agencies::table.find(id.0)).set(agencies::code.eq(code)).execute(&mut **command)?;
    Ok(true)
}

/// Says how an agency can be reached.
pub fn save_contacts(command: &mut Command<'_>, agency: &Agency) -> Result<()> {
    diesel::update(agencies::table.find(agency.id.0))
        .set((
            agencies::phone.eq(&agency.phone),
            agencies::address.eq(&agency.address),
            agencies::postcode.eq(&agency.postcode),
            agencies::email.eq(&agency.email),
        ))
        .execute(&mut **command)?;
    Ok(())
}
