//! The tables as Diesel sees them; `migrations/` is what makes them.

diesel::table! {
    agencies (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        phone -> Text,
        address -> Text,
        postcode -> Text,
        email -> Text,
    }
}

diesel::table! {
    sites (id) {
        id -> BigInt,
        key -> Text,
        agency_id -> BigInt,
        name -> Text,
        short_name -> Text,
        domain -> Text,
        site_code -> Text,
        icp_number -> Text,
        police_number -> Text,
        conac_url -> Text,
        theme -> Text,
        settings -> Text,
        files_hash -> Text,
        last_sequence -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        watermark -> Text,
    }
}

diesel::table! {
    site_hosts (host) {
        host -> Text,
        site_id -> BigInt,
    }
}

diesel::table! {
    themes (name) {
        name -> Text,
        files_hash -> Text,
    }
}

diesel::table! {
    theme_files (owner, name) {
        owner -> Text,
        name -> Text,
        hash -> Text,
    }
}

diesel::table! {
    channels (id) {
        id -> BigInt,
        site_id -> BigInt,
        parent_id -> Nullable<BigInt>,
        key -> Text,
        path -> Text,
        name -> Text,
        description -> Text,
        keywords -> Text,
        kind -> Text,
        update_cycle_days -> Integer,
        resource_kind -> Text,
        steps -> Text,
        page_size -> Integer,
        navigation -> Bool,
        position -> Integer,
        retired -> Bool,
        last_sequence -> BigInt,
        open_to_offers -> Bool,
        live_items -> BigInt,
        topic -> Text,
        preparing -> Bool,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> BigInt,
        channel_id -> BigInt,
        from_site_id -> Nullable<BigInt>,
        from_agency_id -> Nullable<BigInt>,
        from_channel_id -> Nullable<BigInt>,
        theme_class -> Nullable<Text>,
        kind -> Nullable<Text>,
        tags -> Text,
        acceptance -> Text,
        lead -> Text,
    }
}

diesel::table! {
    calendar_years (year) {
        year -> Integer,
        exceptions -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        display_name -> Text,
        password_hash -> Text,
        created_at -> Timestamp,
        signed_in_at -> Nullable<Timestamp>,
        sort_key -> Text,
        state -> Text,
        locked_until -> Nullable<Timestamp>,
        password_origin -> Text,
        password_since -> Timestamp,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        token_hash -> Text,
        site_id -> Nullable<BigInt>,
        permissions -> Text,
        created_at -> Timestamp,
        ends_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        used_from -> Nullable<Text>,
    }
}

diesel::table! {
    contacts (user_id) {
        user_id -> BigInt,
        phone_sealed -> Nullable<Text>,
        phone_mark -> Nullable<Text>,
        email_sealed -> Nullable<Text>,
        email_mark -> Nullable<Text>,
    }
}

diesel::table! {
    earlier_passwords (id) {
        id -> BigInt,
        user_id -> BigInt,
        password_hash -> Text,
    }
}

diesel::table! {
    grants (id) {
        id -> BigInt,
        user_id -> BigInt,
        role_id -> BigInt,
        site_id -> Nullable<BigInt>,
        channel_id -> Nullable<BigInt>,
        until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    roles (id) {
        id -> BigInt,
        word -> Text,
        name -> Text,
        note -> Text,
        duty -> Text,
    }
}

diesel::table! {
    role_permissions (role_id, permission) {
        role_id -> BigInt,
        permission -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Text,
        user_id -> BigInt,
        address -> Text,
        agent -> Text,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        proven_at -> Timestamp,
    }
}

diesel::table! {
    second_factors (id) {
        id -> BigInt,
        user_id -> BigInt,
        kind -> Text,
        name -> Text,
        secret_sealed -> Nullable<Text>,
        last_step -> BigInt,
        passkey -> Nullable<Text>,
        added_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    recovery_codes (id) {
        id -> BigInt,
        user_id -> BigInt,
        code_hash -> Text,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    begun_sign_ins (id) {
        id -> BigInt,
        token_hash -> Text,
        user_id -> BigInt,
        tries -> Integer,
        begun_at -> Timestamp,
        via -> Nullable<Text>,
    }
}

diesel::table! {
    passkey_challenges (owner) {
        owner -> Text,
        state -> Text,
        asked_at -> Timestamp,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> BigInt,
        at -> Timestamp,
        actor_id -> Nullable<BigInt>,
        actor_name -> Text,
        address -> Text,
        action -> Text,
        subject -> Text,
        site_id -> Nullable<BigInt>,
        before_state -> Nullable<Text>,
        after_state -> Nullable<Text>,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_verifications (id) {
        id -> BigInt,
        at -> Timestamp,
        entries -> BigInt,
        head -> Text,
        broken_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    resources (id) {
        id -> BigInt,
        public_id -> Text,
        site_id -> BigInt,
        channel_id -> BigInt,
        agency_id -> BigInt,
        kind -> Text,
        state -> Text,
        work -> Text,
        live_revision_id -> Nullable<BigInt>,
        latest_revision_id -> Nullable<BigInt>,
        index_number -> Nullable<Text>,
        version -> BigInt,
        created_by -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        published_at -> Nullable<Timestamp>,
        live_since -> Nullable<Timestamp>,
        title -> Text,
        document_number -> Nullable<Text>,
        keywords -> Text,
        written_by -> BigInt,
    }
}

diesel::table! {
    revisions (id) {
        id -> BigInt,
        resource_id -> BigInt,
        number -> BigInt,
        title -> Text,
        subtitle -> Text,
        summary -> Text,
        body -> Text,
        source -> Text,
        author -> Text,
        editor -> Text,
        keywords -> Text,
        document_number -> Nullable<Text>,
        issuing_bodies -> Text,
        written_on -> Nullable<Date>,
        effective_on -> Nullable<Date>,
        theme_class -> Nullable<Text>,
        validity -> Nullable<Text>,
        superseded_by -> Nullable<BigInt>,
        created_by -> BigInt,
        created_at -> Timestamp,
        attachments -> Text,
        cover -> Nullable<BigInt>,
        genre -> Nullable<Text>,
        openness -> Text,
        openness_reason -> Text,
        secrecy_reviewer -> Text,
        secrecy_reviewed_on -> Nullable<Date>,
        explains -> Text,
    }
}

diesel::table! {
    revision_explains (revision_id, resource_id) {
        revision_id -> BigInt,
        resource_id -> BigInt,
    }
}

diesel::table! {
    arrangements (site_id, page) {
        site_id -> BigInt,
        page -> Text,
        live -> Nullable<Text>,
        draft -> Nullable<Text>,
        previous -> Nullable<Text>,
        previous_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    site_states (id) {
        id -> BigInt,
        site_id -> BigInt,
        state -> Text,
        title -> Text,
        text -> Text,
        basis -> Text,
        until_at -> Nullable<Timestamp>,
        moved_to -> Text,
        created_by -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    site_words (site_id, field, position) {
        site_id -> BigInt,
        field -> Text,
        position -> Integer,
        word -> Text,
    }
}

diesel::table! {
    placements (id) {
        id -> BigInt,
        resource_id -> BigInt,
        site_id -> BigInt,
        channel_id -> BigInt,
        path -> Text,
        sequence -> BigInt,
        site_sequence -> BigInt,
        subscription_id -> Nullable<BigInt>,
        published_at -> Timestamp,
        live -> Bool,
        origin -> Text,
        slug -> Nullable<Text>,
        title_prefix -> Text,
        removed -> Bool,
        waits -> Bool,
    }
}

diesel::table! {
    submissions (id) {
        id -> BigInt,
        resource_id -> BigInt,
        revision_id -> BigInt,
        steps -> Text,
        step -> Integer,
        state -> Text,
        submitted_by -> BigInt,
        submitted_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        offer_id -> Nullable<BigInt>,
        urgent -> Bool,
        hours -> Nullable<Integer>,
        due_at -> Nullable<Timestamp>,
        handed_to -> Nullable<BigInt>,
        group_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    offers (id) {
        id -> BigInt,
        resource_id -> BigInt,
        from_site_id -> BigInt,
        site_id -> BigInt,
        channel_id -> BigInt,
        origin -> Text,
        subscription_id -> Nullable<BigInt>,
        state -> Text,
        note -> Text,
        reason -> Text,
        offered_by -> BigInt,
        offered_at -> Timestamp,
        decided_by -> Nullable<BigInt>,
        decided_at -> Nullable<Timestamp>,
        slug -> Text,
        title_prefix -> Text,
    }
}

diesel::table! {
    reviews (id) {
        id -> BigInt,
        submission_id -> BigInt,
        step -> Integer,
        step_name -> Text,
        reviewer_id -> BigInt,
        verdict -> Text,
        reason -> Text,
        reviewed_at -> Timestamp,
    }
}

diesel::table! {
    index_serials (agency_id, year) {
        agency_id -> BigInt,
        year -> Integer,
        last -> BigInt,
    }
}

diesel::table! {
    imports (site_id, source) {
        site_id -> BigInt,
        source -> Text,
        resource_id -> BigInt,
        hash -> Text,
        imported_at -> Timestamp,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        kind -> Text,
        site_id -> Nullable<BigInt>,
        resource_id -> Nullable<BigInt>,
        actor_id -> Nullable<BigInt>,
        keys -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        lane -> Text,
        kind -> Text,
        payload -> Text,
        state -> Text,
        attempts -> Integer,
        run_at -> Timestamp,
        lease_until -> Nullable<Timestamp>,
        worker -> Nullable<Text>,
        error -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    pages (id) {
        id -> BigInt,
        site_id -> BigInt,
        path -> Text,
        kind -> Text,
        subject -> BigInt,
        part -> BigInt,
        state -> Text,
        moved_to -> Nullable<Text>,
        due -> BigInt,
        version -> BigInt,
        hash -> Nullable<Text>,
        written_at -> Nullable<Timestamp>,
        failure -> Nullable<Text>,
        frame_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    page_keys (key, page_id) {
        key -> BigInt,
        page_id -> BigInt,
    }
}

diesel::table! {
    frames (id) {
        id -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    frame_keys (key, frame_id) {
        key -> BigInt,
        frame_id -> BigInt,
    }
}

diesel::table! {
    publications (id) {
        id -> BigInt,
        event_id -> BigInt,
        site_id -> BigInt,
        resource_id -> BigInt,
        revision_id -> BigInt,
        kind -> Text,
        actor_id -> Nullable<BigInt>,
        reason -> Text,
        requested_at -> Timestamp,
        resolved_at -> Nullable<Timestamp>,
        completed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    receipt_pages (publication_id, page_id) {
        publication_id -> BigInt,
        page_id -> BigInt,
        event_id -> BigInt,
        outcome -> Text,
        live_at -> Nullable<Timestamp>,
        verified -> Nullable<Bool>,
    }
}

diesel::table! {
    alarms (id) {
        id -> BigInt,
        site_id -> Nullable<BigInt>,
        name -> Text,
        kind -> Text,
        expected -> Nullable<Text>,
        found -> Nullable<Text>,
        kept -> Nullable<Text>,
        raised_at -> Timestamp,
        restored_at -> Nullable<Timestamp>,
        seen_by -> Nullable<BigInt>,
        seen_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sweeps (name) {
        name -> Text,
        holder -> Text,
        lease_until -> Timestamp,
        position -> BigInt,
        begun_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    edit_leases (resource_id) {
        resource_id -> BigInt,
        site_id -> BigInt,
        user_id -> BigInt,
        sheet -> Text,
        since -> Timestamp,
        lease_until -> Timestamp,
    }
}

diesel::table! {
    working_copies (user_id, site_id, writing) {
        user_id -> BigInt,
        site_id -> BigInt,
        writing -> Text,
        sheet -> Text,
        sequence -> BigInt,
        title -> Text,
        form -> Text,
        kept_at -> Timestamp,
        became -> Nullable<BigInt>,
    }
}

diesel::table! {
    redirects (id) {
        id -> BigInt,
        site_id -> BigInt,
        path -> Text,
        query -> Text,
        target -> Text,
        created_by -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    page_views (site_id, path, day) {
        site_id -> BigInt,
        path -> Text,
        day -> Date,
        views -> BigInt,
    }
}

diesel::table! {
    media (id) {
        id -> BigInt,
        site_id -> BigInt,
        hash -> Text,
        kind -> Text,
        file_name -> Text,
        bytes -> BigInt,
        width -> Integer,
        height -> Integer,
        alt -> Text,
        focal_x -> Integer,
        focal_y -> Integer,
        uploaded_by -> BigInt,
        uploaded_at -> Timestamp,
    }
}

diesel::table! {
    media_renditions (media_id, part) {
        media_id -> BigInt,
        part -> BigInt,
        hash -> Text,
        kind -> Text,
        width -> Integer,
        height -> Integer,
    }
}

diesel::table! {
    arrangement_media (site_id, page, media_id, live) {
        site_id -> BigInt,
        page -> Text,
        media_id -> BigInt,
        live -> Bool,
    }
}

diesel::table! {
    revision_media (revision_id, media_id, role) {
        revision_id -> BigInt,
        media_id -> BigInt,
        role -> Text,
    }
}
diesel::table! {
    notices (id) {
        id -> BigInt,
        site_id -> Nullable<BigInt>,
        kind -> Text,
        title -> Text,
        text -> Text,
        link -> Text,
        image_id -> Nullable<BigInt>,
        starts_at -> Timestamp,
        ends_at -> Nullable<Timestamp>,
        state -> Text,
        created_by -> BigInt,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    schedules (id) {
        id -> BigInt,
        deed -> Text,
        site_id -> Nullable<BigInt>,
        resource_id -> Nullable<BigInt>,
        revision_id -> Nullable<BigInt>,
        placement_id -> Nullable<BigInt>,
        notice_id -> Nullable<BigInt>,
        at -> Timestamp,
        state -> Text,
        reason -> Text,
        asked_by -> BigInt,
        asked_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        offer_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    pins (placement_id) {
        placement_id -> BigInt,
        site_id -> BigInt,
        since -> Timestamp,
    }
}

diesel::table! {
    saved_views (id) {
        id -> BigInt,
        user_id -> BigInt,
        site_id -> Nullable<BigInt>,
        name -> Text,
        query -> Text,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    batches (id) {
        id -> BigInt,
        site_id -> BigInt,
        deed -> Text,
        asked_by -> BigInt,
        asked_from -> Text,
        asked_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        undoes -> Nullable<BigInt>,
    }
}

diesel::table! {
    batch_items (batch_id, resource_id) {
        batch_id -> BigInt,
        resource_id -> BigInt,
        state -> Text,
        reason -> Text,
        channel_before -> Nullable<BigInt>,
        submission_id -> Nullable<BigInt>,
        step -> Nullable<Integer>,
        copy_id -> Nullable<BigInt>,
        sequence_before -> Nullable<BigInt>,
    }
}

diesel::table! {
    annotations (id) {
        id -> BigInt,
        site_id -> BigInt,
        resource_id -> BigInt,
        revision_id -> BigInt,
        field -> Text,
        quote -> Text,
        occurrence -> Integer,
        text -> Text,
        written_by -> BigInt,
        written_at -> Timestamp,
        state -> Text,
        settled_by -> Nullable<BigInt>,
        settled_at -> Nullable<Timestamp>,
        offer_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    work_groups (id) {
        id -> BigInt,
        site_id -> Nullable<BigInt>,
        name -> Text,
        duty -> Text,
    }
}

diesel::table! {
    annotation_answers (id) {
        id -> BigInt,
        annotation_id -> BigInt,
        text -> Text,
        answered_by -> BigInt,
        answered_at -> Timestamp,
    }
}

diesel::table! {
    work_group_members (group_id, user_id) {
        group_id -> BigInt,
        user_id -> BigInt,
    }
}

diesel::joinable!(annotations -> revisions (revision_id));
diesel::joinable!(annotation_answers -> annotations (annotation_id));
diesel::joinable!(work_group_members -> work_groups (group_id));
diesel::joinable!(pins -> placements (placement_id));
diesel::joinable!(sites -> agencies (agency_id));
diesel::joinable!(placements -> resources (resource_id));
diesel::joinable!(submissions -> resources (resource_id));
diesel::joinable!(subscriptions -> channels (channel_id));
diesel::joinable!(offers -> resources (resource_id));
diesel::joinable!(receipt_pages -> pages (page_id));
diesel::joinable!(revision_explains -> revisions (revision_id));
diesel::joinable!(revision_media -> revisions (revision_id));

diesel::table! {
    applications (id) {
        id -> BigInt,
        client -> Text,
        secret_hash -> Nullable<Text>,
        name -> Text,
        keeper -> Text,
        redirects -> Text,
        farewells -> Text,
        is_confidential -> Bool,
        asks_consent -> Bool,
        is_open -> Bool,
        created_at -> Timestamp,
        clientele -> Text,
        contact -> Text,
        purpose -> Text,
    }
}

diesel::table! {
    citizen_consents (application_id, citizen_id) {
        application_id -> BigInt,
        citizen_id -> BigInt,
        scopes -> Text,
        given_at -> Timestamp,
    }
}

diesel::table! {
    application_consents (application_id, user_id) {
        application_id -> BigInt,
        user_id -> BigInt,
        scopes -> Text,
        given_at -> Timestamp,
    }
}

diesel::table! {
    sign_on_codes (hash) {
        hash -> Text,
        application_id -> BigInt,
        session_id -> Nullable<BigInt>,
        citizen_session_id -> Nullable<BigInt>,
        redirect -> Text,
        challenge -> Text,
        nonce -> Nullable<Text>,
        scopes -> Text,
        until -> Timestamp,
        is_used -> Bool,
    }
}

diesel::table! {
    sign_on_tokens (hash) {
        hash -> Text,
        code_hash -> Text,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> BigInt,
        key_sealed -> Text,
        created_at -> Timestamp,
        signs_from -> Timestamp,
    }
}

diesel::table! {
    citizens (id) {
        id -> BigInt,
        call_sealed -> Nullable<Text>,
        phone_sealed -> Nullable<Text>,
        phone_mark -> Nullable<Text>,
        mail_sealed -> Nullable<Text>,
        mail_mark -> Nullable<Text>,
        guardian_kind -> Nullable<Text>,
        guardian_sealed -> Nullable<Text>,
        guardian_mark -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        password_since -> Nullable<Timestamp>,
        real_name -> Text,
        terms -> Text,
        registered_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        suspended_at -> Nullable<Timestamp>,
        suspension_reason -> Nullable<Text>,
    }
}

diesel::table! {
    citizen_sessions (id) {
        id -> BigInt,
        token_hash -> Text,
        citizen_id -> BigInt,
        address -> Text,
        agent -> Text,
        opened_at -> Timestamp,
        seen_at -> Timestamp,
        proven_at -> Timestamp,
    }
}

diesel::table! {
    citizen_visits (token_hash) {
        token_hash -> Text,
        session_id -> BigInt,
        site_id -> BigInt,
    }
}

diesel::table! {
    citizen_handovers (hash) {
        hash -> Text,
        session_id -> BigInt,
        site_id -> BigInt,
        state_hash -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    citizen_codes (id) {
        id -> BigInt,
        purpose -> Text,
        recipient_mark -> Text,
        code_mark -> Text,
        tries -> Integer,
        made_at -> Timestamp,
    }
}

diesel::table! {
    upstreams (id) {
        id -> BigInt,
        key -> Text,
        name -> Text,
        issuer -> Text,
        client -> Text,
        secret_sealed -> Nullable<Text>,
        scopes -> Text,
        claim -> Text,
        is_open -> Bool,
        created_at -> Timestamp,
        clientele -> Text,
    }
}

diesel::table! {
    upstream_levels (id) {
        id -> BigInt,
        upstream_id -> BigInt,
        value -> Text,
        level -> Text,
    }
}

diesel::table! {
    citizen_links (id) {
        id -> BigInt,
        upstream_id -> BigInt,
        citizen_id -> BigInt,
        subject_sealed -> Text,
        subject_mark -> Text,
        level -> Text,
        linked_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    pending_links (id) {
        id -> BigInt,
        token_hash -> Text,
        upstream_id -> BigInt,
        citizen_id -> Nullable<BigInt>,
        subject_sealed -> Text,
        level -> Text,
        begun_at -> Timestamp,
    }
}

diesel::table! {
    upstream_rules (id) {
        id -> BigInt,
        upstream_id -> BigInt,
        value -> Text,
        role_id -> BigInt,
        site_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    upstream_requests (state_hash) {
        state_hash -> Text,
        upstream_id -> BigInt,
        redirect -> Text,
        errand -> Text,
        begun_at -> Timestamp,
    }
}

diesel::table! {
    upstream_links (id) {
        id -> BigInt,
        upstream_id -> BigInt,
        user_id -> BigInt,
        subject_sealed -> Text,
        subject_mark -> Text,
        linked_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    upstream_grants (id) {
        id -> BigInt,
        link_id -> BigInt,
        role_id -> BigInt,
        site_id -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    agencies,
    sites,
    site_hosts,
    themes,
    theme_files,
    channels,
    subscriptions,
    calendar_years,
    users,
    grants,
    roles,
    role_permissions,
    earlier_passwords,
    api_tokens,
    contacts,
    sessions,
    second_factors,
    recovery_codes,
    begun_sign_ins,
    passkey_challenges,
    audit_entries,
    audit_verifications,
    resources,
    revisions,
    placements,
    submissions,
    offers,
    reviews,
    index_serials,
    imports,
    events,
    jobs,
    pages,
    page_keys,
    frames,
    frame_keys,
    publications,
    receipt_pages,
    alarms,
    sweeps,
    redirects,
    page_views,
    media,
    media_renditions,
    revision_explains,
    revision_media,
    arrangement_media,
    notices,
    schedules,
    pins,
    working_copies,
    edit_leases,
    saved_views,
    batches,
    batch_items,
    annotations,
    annotation_answers,
    work_groups,
    work_group_members,
    applications,
    application_consents,
    citizen_consents,
    sign_on_codes,
    sign_on_tokens,
    signing_keys,
    citizens,
    citizen_sessions,
    citizen_visits,
    citizen_handovers,
    citizen_codes,
    upstreams,
    upstream_rules,
    upstream_requests,
    upstream_links,
    upstream_grants,
    upstream_levels,
    citizen_links,
    pending_links,
);

// How far decisions have come is counted by these together.
diesel::allow_columns_to_appear_in_same_group_by_clause!(pages::site_id, receipt_pages::outcome, receipt_pages::verified);
