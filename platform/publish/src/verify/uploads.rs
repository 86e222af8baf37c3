//! What is kept of uploads compared with its names, which are the hashes of the bytes. A size of a picture can be made again from
//! the picture; a file itself cannot: somebody must bring it again, or it comes from a backup.

use model::{Actor, FaultKind, Media, MediaId, Rendition, Site};
use store::{Connection, media};

use super::{Deed, Fault, Result};
use crate::blobs;
use crate::commands::media::remake;
use crate::engine::Engine;

/// Media fetched at once.
const BATCH: i64 = 200;

/// Reads back every file and every size of the media of a site, or of all. Every fault is told to `each`; `progress` hears how
/// many media have been looked at. Wrong bytes are set apart and sizes made again, unless the deed is only to tell.
pub fn verify(
    engine: &Engine,
    site: Option<&Site>,
    deed: Deed,
    progress: &mut dyn FnMut(usize),
    each: &mut dyn FnMut(Fault),
) -> Result<()> {
    let (mut after, mut looked) = (MediaId(0), 0);
    loop {
        let batch = engine.store.read(|connection| media::list_after(connection, site.map(|site| site.id), after, BATCH))?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = last.id;
        for medium in &batch {
            judge(engine, medium, deed)?.into_iter().for_each(&mut *each);
            looked += 1;
            progress(looked);
        }
    }
}

/// The faults of a medium. What looks wrong is read again while no command can bring bytes or take them away.
fn judge(engine: &Engine, medium: &Media, deed: Deed) -> Result<Vec<Fault>> {
    let first = engine.store.read(|connection| faults_of(engine, connection, medium))?;
    if first.file.is_none() && first.sizes.is_empty() {
        return Ok(Vec::new());
    }
    let mut wrong = engine.store.command(|command| {
        let Some(medium) = media::find_anywhere(command, medium.id)? else { return Ok(Wrong::default()) };
        let mut wrong = faults_of(engine, command, &medium)?;
        if deed != Deed::Tell {
            for (hash, fault) in wrong.all_mut().filter(|(_, fault)| fault.kind == FaultKind::Differs) {
                fault.kept = Some(blobs::set_apart(&engine.blobs, hash, &super::mark(engine))?);
            }
        }
        Ok::<_, super::VerifyError>(wrong)
    })?;
    let lost: Vec<Rendition> = wrong.sizes.iter().map(|(size, _)| size.clone()).collect();
    if deed != Deed::Tell && wrong.file.is_none() && !lost.is_empty() {
        let made = remake(engine, &Actor::operator("verify --repair"), medium.id, &lost);
        if let Err(error) = made {
            tracing::error!(%error, media = %medium.id, "the sizes of a picture could not be made again");
        }
    }
    Ok(wrong.all_mut().map(|(_, fault)| fault.clone()).collect())
}

/// What is wrong with a medium.
#[derive(Default)]
struct Wrong {
    file: Option<(String, Fault)>,
    sizes: Vec<(Rendition, Fault)>,
}

impl Wrong {
    fn all_mut(&mut self) -> impl Iterator<Item = (&str, &mut Fault)> {
        let file = self.file.iter_mut().map(|(hash, fault)| (hash.as_str(), fault));
        file.chain(self.sizes.iter_mut().map(|(size, fault)| (size.hash.as_str(), fault)))
    }
}

fn faults_of(engine: &Engine, connection: &mut Connection, medium: &Media) -> Result<Wrong> {
    let fault = |hash: &str| -> Result<Option<Fault>> {
        let found = blobs::fault(&engine.blobs, hash)?;
        Ok(found.map(|(kind, found)| Fault {
            site_id: Some(medium.site_id),
            name: blobs::name(hash),
            upload: Some(format!("media:{} {}", medium.id, medium.file_name)),
            kind,
            expected: Some(hash.to_owned()),
            found,
            kept: None,
        }))
    };
    let mut wrong = Wrong { file: fault(&medium.hash)?.map(|fault| (medium.hash.clone(), fault)), sizes: Vec::new() };
    for size in media::list_renditions(connection, medium.id)? {
        if let Some(fault) = fault(&size.hash)? {
            wrong.sizes.push((size, fault));
        }
    }
    Ok(wrong)
}
