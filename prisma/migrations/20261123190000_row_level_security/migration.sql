-- Row-level security: the second wall between sites, under the conditions of the data layer. docs/row-level-security.md
-- says what an administrator has to know, docs/adr has the reasons.
--
-- The owner of the tables (migrations, worker, command lines) is not subject to it. The web application takes one of two
-- roles on every connection: "crossread_web" sees the sites that the setting crossread.sites lists, and what the person
-- of crossread.person reads; "crossread_web_all_sites" sees every site. Without a setting there are no rows.

DO $$
DECLARE
  wanted text;
  membership text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['crossread_web', 'crossread_web_all_sites'] LOOP
    BEGIN
      -- Roles belong to the server, not to the database: another one may have made them, perhaps at this moment.
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'The role % is missing and % may not create it. An administrator of the server runs: CREATE ROLE crossread_web NOLOGIN; CREATE ROLE crossread_web_all_sites NOLOGIN; GRANT crossread_web, crossread_web_all_sites TO %;',
          wanted, current_user, quote_ident(current_user);
    END;
    IF NOT pg_has_role(current_user, wanted, membership) THEN
      BEGIN
        EXECUTE format('GRANT %I TO %I', wanted, current_user);
      EXCEPTION WHEN insufficient_privilege THEN
        RAISE EXCEPTION '% may not take the role %. An administrator of the server runs: GRANT crossread_web, crossread_web_all_sites TO %;',
          current_user, wanted, quote_ident(current_user);
      END;
    END IF;
  END LOOP;
END $$;

-- ── What policies compare with ────────────────────────────────────────────────

-- NULL where nothing is set: every comparison with it is then not true.
CREATE FUNCTION crossread_sites() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT string_to_array(NULLIF(current_setting('crossread.sites', true), ''), ',')::uuid[]
$$;

CREATE FUNCTION crossread_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT NULLIF(current_setting('crossread.person', true), '')::uuid
$$;

-- Whether the person reads or arbitrates a case of this patient, at whatever site: they see it with its earlier studies.
CREATE FUNCTION crossread_reads_subject(subject uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER AS $$
  SELECT EXISTS (
    SELECT 1 FROM studies s JOIN cases c ON c.study_id = s.id
    WHERE s.subject_id = subject AND (
      EXISTS (SELECT 1 FROM reading_assignments a WHERE a.case_id = c.id AND a.reader_id = crossread_person())
      OR EXISTS (SELECT 1 FROM arbitrations b WHERE b.case_id = c.id AND b.arbitrator_id = crossread_person())))
$$;

CREATE FUNCTION crossread_reads_case(target uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER AS $$
  SELECT crossread_reads_subject(c.subject_id) FROM cases c WHERE c.id = target
$$;

-- The audit log is one chain over all sites: who appends to it needs the end, and sees no more of it than that.
CREATE FUNCTION crossread_audit_head() RETURNS TABLE (sequence bigint, hash text) LANGUAGE sql STABLE SECURITY DEFINER AS $$
  SELECT e.sequence, e.hash FROM audit_events e ORDER BY e.sequence DESC LIMIT 1
$$;

REVOKE EXECUTE ON FUNCTION crossread_reads_subject(uuid), crossread_reads_case(uuid), crossread_audit_head() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION crossread_reads_subject(uuid), crossread_reads_case(uuid), crossread_audit_head()
  TO crossread_web, crossread_web_all_sites;

-- Triggers keep rules over rows that their caller may not see, and write what their caller may not: they run as the
-- owner. The temporary schema comes last, so that nobody puts a table of their own in the place of one of these.
DO $$
DECLARE
  guarded regprocedure;
BEGIN
  FOR guarded IN
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'crossread\_%'
      AND (p.prorettype = 'trigger'::regtype OR p.prosecdef)
  LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp', guarded, current_schema());
  END LOOP;
END $$;

-- ── Rows with a site of their own ─────────────────────────────────────────────

-- The setting is read once a statement: a sub-select that depends on no row.
DO $$
DECLARE
  guarded text;
  in_scope text := 'site_id = ANY ((SELECT crossread_sites())::uuid[])';
BEGIN
  FOREACH guarded IN ARRAY ARRAY[
    'subjects', 'uploads', 'upload_files', 'refused_files', 'held_files', 'pixel_rules', 'label_imports',
    'label_mappings', 'study_summaries', 'api_tokens', 'dimse_endpoints', 'dimse_peers', 'cohort_subjects'
  ] LOOP
    EXECUTE format('CREATE POLICY site ON %I TO crossread_web USING (%s)', guarded, in_scope);
  END LOOP;
  -- What a person reads they see at any site, and change only at their own.
  FOREACH guarded IN ARRAY ARRAY['studies', 'cases', 'instances'] LOOP
    EXECUTE format('CREATE POLICY site_insert ON %I FOR INSERT TO crossread_web WITH CHECK (%s)', guarded, in_scope);
    EXECUTE format('CREATE POLICY site_update ON %I FOR UPDATE TO crossread_web USING (%s)', guarded, in_scope);
    EXECUTE format('CREATE POLICY site_delete ON %I FOR DELETE TO crossread_web USING (%s)', guarded, in_scope);
  END LOOP;
  -- Who trains with whom and how well a model does is for everybody who holds a role; it is written by whoever may write
  -- for that site, and where it speaks of no site by those who may for all.
  FOREACH guarded IN ARRAY ARRAY['training_run_sites', 'site_updates', 'evaluations'] LOOP
    EXECUTE format('CREATE POLICY federation ON %I FOR SELECT TO crossread_web USING ((SELECT crossread_sites()) IS NOT NULL)', guarded);
    EXECUTE format('CREATE POLICY site_insert ON %I FOR INSERT TO crossread_web WITH CHECK (%s)', guarded, in_scope);
    EXECUTE format('CREATE POLICY site_update ON %I FOR UPDATE TO crossread_web USING (%s)', guarded, in_scope);
    EXECUTE format('CREATE POLICY site_delete ON %I FOR DELETE TO crossread_web USING (%s)', guarded, in_scope);
  END LOOP;
END $$;

CREATE POLICY site ON studies FOR SELECT TO crossread_web USING (
  site_id = ANY ((SELECT crossread_sites())::uuid[])
  OR ((SELECT crossread_person()) IS NOT NULL AND crossread_reads_subject(subject_id)));
CREATE POLICY site ON cases FOR SELECT TO crossread_web USING (
  site_id = ANY ((SELECT crossread_sites())::uuid[])
  OR ((SELECT crossread_person()) IS NOT NULL AND crossread_reads_subject(subject_id)));
CREATE POLICY site ON instances FOR SELECT TO crossread_web USING (
  site_id = ANY ((SELECT crossread_sites())::uuid[])
  OR ((SELECT crossread_person()) IS NOT NULL AND crossread_reads_case(case_id)));

-- Names of sites are for everybody, their rows for their own people to change.
CREATE POLICY name ON sites FOR SELECT TO crossread_web USING (true);
CREATE POLICY site ON sites FOR UPDATE TO crossread_web USING (id = ANY ((SELECT crossread_sites())::uuid[]));

-- A role on the platform has no site; roles are given by those who hold all sites.
CREATE POLICY site ON memberships FOR SELECT TO crossread_web USING (
  site_id = ANY ((SELECT crossread_sites())::uuid[]) OR user_id = (SELECT crossread_person()));

CREATE POLICY site ON background_jobs FOR SELECT TO crossread_web USING (
  site_id = ANY ((SELECT crossread_sites())::uuid[])
  OR (site_id IS NULL AND (SELECT crossread_sites()) IS NOT NULL));

-- What happened to no site's data may be recorded by anybody, a sign-in before anything is known, and be read by none.
CREATE POLICY site ON audit_events FOR SELECT TO crossread_web USING (site_id = ANY ((SELECT crossread_sites())::uuid[]));
CREATE POLICY append ON audit_events FOR INSERT TO crossread_web WITH CHECK (
  site_id IS NULL OR site_id = ANY ((SELECT crossread_sites())::uuid[]));

-- ── Rows of a study, a case or an import ──────────────────────────────────────

-- The parent's own policy decides: its rows are looked up by primary key, under row-level security.
CREATE POLICY site ON series TO crossread_web USING (EXISTS (SELECT 1 FROM studies p WHERE p.id = study_id));
CREATE POLICY site ON label_import_rows TO crossread_web USING (EXISTS (SELECT 1 FROM label_imports p WHERE p.id = import_id));

-- Labels, receipts, membership and what readers finally said stay with the site, also before those who read there.
CREATE POLICY site ON deidentification_receipts TO crossread_web USING (EXISTS (
  SELECT 1 FROM studies p WHERE p.id = study_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON study_tags TO crossread_web USING (EXISTS (
  SELECT 1 FROM studies p WHERE p.id = study_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON reference_standards TO crossread_web USING (EXISTS (
  SELECT 1 FROM cases p WHERE p.id = case_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON assessments TO crossread_web USING (EXISTS (
  SELECT 1 FROM cases p WHERE p.id = case_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON cohort_cases TO crossread_web USING (EXISTS (
  SELECT 1 FROM cases p WHERE p.id = case_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON discordances TO crossread_web USING (EXISTS (
  SELECT 1 FROM cases p WHERE p.id = case_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON final_assessments TO crossread_web USING (EXISTS (
  SELECT 1 FROM cases p WHERE p.id = case_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON consensus_readings TO crossread_web USING (EXISTS (
  SELECT 1 FROM reference_standards p WHERE p.id = reference_standard_id));

-- Two patients may be of two sites: both must be in scope.
CREATE POLICY site ON subject_links TO crossread_web USING (
  EXISTS (SELECT 1 FROM subjects p WHERE p.id = first_subject_id)
  AND EXISTS (SELECT 1 FROM subjects p WHERE p.id = second_subject_id));
CREATE POLICY site ON image_pairs TO crossread_web USING (
  EXISTS (SELECT 1 FROM instances p WHERE p.id = first_instance_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[]))
  AND EXISTS (SELECT 1 FROM instances p WHERE p.id = second_instance_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[])));
CREATE POLICY site ON pair_decisions TO crossread_web USING (EXISTS (SELECT 1 FROM image_pairs p WHERE p.id = pair_id));

-- ── Rows of an image ──────────────────────────────────────────────────────────

CREATE POLICY site ON predictions TO crossread_web USING (EXISTS (SELECT 1 FROM instances p WHERE p.id = instance_id));
CREATE POLICY site ON saliency_maps TO crossread_web USING (EXISTS (SELECT 1 FROM instances p WHERE p.id = instance_id));
CREATE POLICY site ON reader_study_map_measures TO crossread_web USING (
  EXISTS (SELECT 1 FROM saliency_maps p WHERE p.id = saliency_map_id));
-- Marks of the reference standard stay with the site; a reader draws on images of any.
CREATE POLICY site ON annotations TO crossread_web USING (
  EXISTS (SELECT 1 FROM instances p WHERE p.id = instance_id AND p.site_id = ANY ((SELECT crossread_sites())::uuid[]))
  OR EXISTS (
    SELECT 1 FROM readings r JOIN reading_assignments a ON a.id = r.assignment_id
    WHERE r.id = reading_id AND a.reader_id = (SELECT crossread_person())));

-- ── Reading and arbitration ───────────────────────────────────────────────────

-- A person's own are always theirs to see, whatever scope they ask in: that they are still to be read is what keeps the
-- answer from them.
CREATE POLICY site ON reading_assignments FOR SELECT TO crossread_web USING (
  reader_id = (SELECT crossread_person()) OR EXISTS (SELECT 1 FROM cases p WHERE p.id = case_id));
CREATE POLICY site ON readings FOR SELECT TO crossread_web USING (
  EXISTS (SELECT 1 FROM reading_assignments p WHERE p.id = assignment_id));
CREATE POLICY own_insert ON readings FOR INSERT TO crossread_web WITH CHECK (EXISTS (
  SELECT 1 FROM reading_assignments p WHERE p.id = assignment_id AND p.reader_id = (SELECT crossread_person())));
CREATE POLICY own_update ON readings FOR UPDATE TO crossread_web USING (EXISTS (
  SELECT 1 FROM reading_assignments p WHERE p.id = assignment_id AND p.reader_id = (SELECT crossread_person())));
CREATE POLICY site ON map_ratings FOR SELECT TO crossread_web USING (
  EXISTS (SELECT 1 FROM readings p WHERE p.id = reading_id));
CREATE POLICY own_insert ON map_ratings FOR INSERT TO crossread_web WITH CHECK (EXISTS (
  SELECT 1 FROM readings r JOIN reading_assignments a ON a.id = r.assignment_id
  WHERE r.id = reading_id AND a.reader_id = (SELECT crossread_person())));
CREATE POLICY own_update ON map_ratings FOR UPDATE TO crossread_web USING (EXISTS (
  SELECT 1 FROM readings r JOIN reading_assignments a ON a.id = r.assignment_id
  WHERE r.id = reading_id AND a.reader_id = (SELECT crossread_person())));

CREATE POLICY site ON arbitrations FOR SELECT TO crossread_web USING (
  arbitrator_id = (SELECT crossread_person()) OR EXISTS (SELECT 1 FROM cases p WHERE p.id = case_id));
CREATE POLICY own_update ON arbitrations FOR UPDATE TO crossread_web USING (arbitrator_id = (SELECT crossread_person()));
CREATE POLICY site ON arbitration_readings FOR SELECT TO crossread_web USING (
  EXISTS (SELECT 1 FROM arbitrations p WHERE p.id = arbitration_id));
CREATE POLICY own_insert ON arbitration_readings FOR INSERT TO crossread_web WITH CHECK (EXISTS (
  SELECT 1 FROM arbitrations p WHERE p.id = arbitration_id AND p.arbitrator_id = (SELECT crossread_person())));
CREATE POLICY own_update ON arbitration_readings FOR UPDATE TO crossread_web USING (EXISTS (
  SELECT 1 FROM arbitrations p WHERE p.id = arbitration_id AND p.arbitrator_id = (SELECT crossread_person())));

-- Every table that has a policy, and no condition at all for those who hold all sites: the planner then sees the same
-- statement as without row-level security.
DO $$
DECLARE
  guarded regclass;
BEGIN
  FOR guarded IN
    SELECT DISTINCT c.oid::regclass FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = current_schema()::regnamespace
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY all_sites ON %s TO crossread_web_all_sites USING (true)', guarded);
  END LOOP;
END $$;

-- ── Rights ────────────────────────────────────────────────────────────────────

-- A later table is closed to the web application until its own migration opens it.
DO $$
DECLARE
  guarded regclass;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO crossread_web, crossread_web_all_sites', current_schema());
  FOR guarded IN
    SELECT oid::regclass FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
      AND relname NOT IN ('_prisma_migrations', 'platform_secrets')
  LOOP
    EXECUTE format('GRANT SELECT ON %s TO crossread_web, crossread_web_all_sites', guarded);
  END LOOP;
END $$;

GRANT INSERT ON audit_events, label_import_rows TO crossread_web, crossread_web_all_sites;
GRANT INSERT, UPDATE ON api_tokens, uploads, upload_files, label_imports, label_mappings, reference_standards, assessments,
  annotations, readings, map_ratings, reading_sessions, arbitration_readings TO crossread_web, crossread_web_all_sites;
GRANT INSERT, DELETE ON study_tags, pixel_rules TO crossread_web, crossread_web_all_sites;
GRANT INSERT, UPDATE, DELETE ON dimse_endpoints, dimse_peers TO crossread_web, crossread_web_all_sites;
GRANT UPDATE ON refused_files, held_files, arbitrations TO crossread_web, crossread_web_all_sites;
GRANT UPDATE (density, label_version) ON cases TO crossread_web, crossread_web_all_sites;
GRANT UPDATE (sop_class_uid) ON instances TO crossread_web, crossread_web_all_sites;
GRANT UPDATE (deidentification_key) ON sites TO crossread_web, crossread_web_all_sites;
GRANT UPDATE (participation, responded_at, reason) ON reader_study_readers TO crossread_web;
-- Nothing is changed by it: a statement that locks a row needs the right to change some column.
GRANT UPDATE (id) ON reader_studies TO crossread_web;

GRANT INSERT, UPDATE ON users, cohorts, pair_decisions, subject_links, training_runs, validation_rounds, arbitration_queues
  TO crossread_web_all_sites;
GRANT INSERT ON training_run_sites, validation_round_checkpoints, discordances, arbitrations, consensus_readings
  TO crossread_web_all_sites;
GRANT INSERT, DELETE ON memberships, cohort_subjects, cohort_cases, reading_assignments TO crossread_web_all_sites;
GRANT INSERT, UPDATE, DELETE ON reader_studies, reader_study_readers TO crossread_web_all_sites;
GRANT UPDATE ON evaluations TO crossread_web_all_sites;
GRANT DELETE ON arbitration_readings TO crossread_web_all_sites;
