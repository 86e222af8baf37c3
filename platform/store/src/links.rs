//! What is asked of links with upper-level services (关联), whosever they are: those of our people and those of citizens lie in tables of
//! their own, which are asked alike.

/// Declares the queries of a table of links, whose column `$whose` says who it is.
macro_rules! link_queries {
    ($links:ident, $whose:ident, $Whose:ident) => {
        type LinkRow = (i64, i64, i64, NaiveDateTime, Option<NaiveDateTime>);

        const LINK: ($links::id, $links::upstream_id, $links::$whose, $links::linked_at, $links::used_at) =
            ($links::id, $links::upstream_id, $links::$whose, $links::linked_at, $links::used_at);

        /// Links somebody; what the service calls them by is sealed once the number is known.
        pub fn insert(
            command: &mut Command<'_>,
            upstream: UpstreamId,
            whose: $Whose,
            mark: &str,
            now: NaiveDateTime,
            seal: impl FnOnce(i64) -> String,
        ) -> Result<LinkId> {
            let id = diesel::insert_into($links::table)
                .values((
                    $links::upstream_id.eq(upstream.0),
                    $links::$whose.eq(whose.0),
                    $links::subject_sealed.eq(""),
                    $links::subject_mark.eq(mark),
                    $links::linked_at.eq(now),
                ))
                .returning($links::id)
                .get_result::<i64>(&mut **command)?;
            diesel::update($links::table.find(id)).set($links::subject_sealed.eq(seal(id))).execute(&mut **command)?;
            Ok(LinkId(id))
        }

        /// The link of whom a service means by what has one of these marks.
        pub fn find_by_marks(
            connection: &mut Connection,
            upstream: UpstreamId,
            marks: &[String],
        ) -> Result<Option<UpstreamLink<$Whose>>> {
            let meant = $links::table.filter($links::upstream_id.eq(upstream.0).and($links::subject_mark.eq_any(marks.to_vec())));
            Ok(meant.select(LINK).first::<LinkRow>(connection).optional()?.map(link))
        }

        /// Somebody's links, in the order they were made.
        pub fn list(connection: &mut Connection, whose: $Whose) -> Result<Vec<UpstreamLink<$Whose>>> {
            let theirs = $links::table.filter($links::$whose.eq(whose.0)).order($links::id);
            Ok(theirs.select(LINK).load::<LinkRow>(connection)?.into_iter().map(link).collect())
        }

        /// How many are linked with each service.
        pub fn count(connection: &mut Connection) -> Result<Vec<(UpstreamId, i64)>> {
            let counted = $links::table.group_by($links::upstream_id).select(($links::upstream_id, diesel::dsl::count_star()));
            Ok(counted.load::<(i64, i64)>(connection)?.into_iter().map(|(id, count)| (UpstreamId(id), count)).collect())
        }

        /// Notes that somebody signed in by it.
        pub fn note_use(command: &mut Command<'_>, id: LinkId, now: NaiveDateTime) -> Result<()> {
            diesel::update($links::table.find(id.0)).set($links::used_at.eq(now)).execute(&mut **command)?;
            Ok(())
        }

        /// Removes one of somebody's, with what is noted of it.
        pub fn delete(command: &mut Command<'_>, whose: $Whose, id: LinkId) -> Result<()> {
            let theirs = $links::table.filter($links::$whose.eq(whose.0).and($links::id.eq(id.0)));
            diesel::delete(theirs).execute(&mut **command)?;
            Ok(())
        }

        /// Removes all of somebody's; says how many there were.
        pub fn delete_of(command: &mut Command<'_>, whose: $Whose) -> Result<usize> {
            Ok(diesel::delete($links::table.filter($links::$whose.eq(whose.0))).execute(&mut **command)?)
        }

        fn link((id, upstream, whose, linked_at, used_at): LinkRow) -> UpstreamLink<$Whose> {
            UpstreamLink { id: LinkId(id), upstream_id: UpstreamId(upstream), whose: $Whose(whose), linked_at, used_at }
        }
    };
}
pub(crate) use link_queries;
