-- A database of version 1 with a row in every table: pg_dump --inserts --no-owner --no-privileges, without its settings.
CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN RAISE EXCEPTION 'the audit log only grows: % is refused', TG_OP; END $$;
CREATE TABLE public.actions (
    id uuid NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    description jsonb,
    threat jsonb,
    validfrom timestamp with time zone NOT NULL,
    expireafter timestamp with time zone NOT NULL,
    operations jsonb NOT NULL,
    envelope text NOT NULL,
    status text NOT NULL,
    launchtime timestamp with time zone DEFAULT now() NOT NULL,
    finishtime timestamp with time zone,
    CONSTRAINT actions_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'inprogress'::text, 'finished'::text, 'cancelled'::text])))
);
CREATE TABLE public.agents (
    id uuid NOT NULL,
    name text NOT NULL,
    queueloc text NOT NULL,
    mode text NOT NULL,
    version text NOT NULL,
    pid bigint NOT NULL,
    starttime timestamp with time zone NOT NULL,
    environment jsonb NOT NULL,
    tags jsonb NOT NULL,
    status text NOT NULL,
    session uuid,
    heartbeattime timestamp with time zone NOT NULL,
    refreshtime timestamp with time zone NOT NULL,
    enroltime timestamp with time zone DEFAULT now() NOT NULL,
    destructiontime timestamp with time zone,
    CONSTRAINT agents_status_check CHECK ((status = ANY (ARRAY['online'::text, 'idle'::text, 'offline'::text, 'destroyed'::text])))
);
CREATE TABLE public.alerts (
    id uuid NOT NULL,
    agentid uuid NOT NULL,
    module text NOT NULL,
    "time" timestamp with time zone NOT NULL,
    message text NOT NULL,
    fields jsonb NOT NULL,
    receivetime timestamp with time zone DEFAULT now() NOT NULL,
    change bigint NOT NULL
);
CREATE SEQUENCE public.alerts_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alerts_change_seq OWNED BY public.alerts.change;
CREATE TABLE public.api_keys (
    id uuid NOT NULL,
    investigatorid uuid NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    createtime timestamp with time zone DEFAULT now() NOT NULL,
    expiretime timestamp with time zone,
    lastusedtime timestamp with time zone
);
CREATE TABLE public.audit_log (
    number bigint NOT NULL,
    "time" timestamp with time zone NOT NULL,
    actor text NOT NULL,
    event text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.challenges (
    id uuid NOT NULL,
    fingerprint text NOT NULL,
    challenge text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.commands (
    id uuid NOT NULL,
    actionid uuid NOT NULL,
    agentid uuid NOT NULL,
    status text NOT NULL,
    results jsonb,
    refusals jsonb DEFAULT '[]'::jsonb NOT NULL,
    found boolean DEFAULT false NOT NULL,
    senttime timestamp with time zone,
    starttime timestamp with time zone,
    finishtime timestamp with time zone,
    change bigint NOT NULL,
    CONSTRAINT commands_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'success'::text, 'failed'::text, 'cancelled'::text, 'expired'::text, 'timeout'::text])))
);
CREATE SEQUENCE public.commands_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.commands_change_seq OWNED BY public.commands.change;
CREATE TABLE public.enrolment_tokens (
    id uuid NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    tags jsonb NOT NULL,
    uses bigint DEFAULT 0 NOT NULL,
    usesleft bigint,
    expiretime timestamp with time zone NOT NULL,
    createtime timestamp with time zone DEFAULT now() NOT NULL,
    createdby text NOT NULL
);
CREATE TABLE public.investigators (
    id uuid NOT NULL,
    name text NOT NULL,
    fingerprint text NOT NULL,
    publickey text NOT NULL,
    status text NOT NULL,
    permissions jsonb NOT NULL,
    createtime timestamp with time zone DEFAULT now() NOT NULL,
    lastmodifiedtime timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT investigators_status_check CHECK ((status = ANY (ARRAY['active'::text, 'disabled'::text])))
);
CREATE TABLE public.macros (
    investigatorid uuid NOT NULL,
    name text NOT NULL,
    target text NOT NULL
);
CREATE TABLE public.migrations (
    number integer NOT NULL,
    "time" timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.sessions (
    hash text NOT NULL,
    investigatorid uuid NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.signatures (
    actionid uuid NOT NULL,
    fingerprint text NOT NULL,
    investigator text NOT NULL,
    place integer NOT NULL
);
ALTER TABLE ONLY public.alerts ALTER COLUMN change SET DEFAULT nextval('public.alerts_change_seq'::regclass);
ALTER TABLE ONLY public.commands ALTER COLUMN change SET DEFAULT nextval('public.commands_change_seq'::regclass);
INSERT INTO public.actions VALUES ('01a20fdc-62a8-7dd6-b644-aae53dbb8a90', 'who is there', 'all', NULL, NULL, '2026-11-24 23:19:31.144+00', '2026-11-25 00:20:31.144+00', '[{"module": "example", "parameters": {"gethostname": true}}]', '{"payload":"eyJpZCI6IjAxYTIwZmRjLTYyYTgtN2RkNi1iNjQ0LWFhZTUzZGJiOGE5MCIsImZsZWV0IjoibGFiIiwibmFtZSI6IndobyBpcyB0aGVyZSIsInRhcmdldCI6ImFsbCIsInZhbGlkZnJvbSI6IjIwMjYtMTEtMjRUMjM6MTk6MzEuMTQ0WiIsImV4cGlyZWFmdGVyIjoiMjAyNi0xMS0yNVQwMDoyMDozMS4xNDRaIiwib3BlcmF0aW9ucyI6W3sibW9kdWxlIjoiZXhhbXBsZSIsInBhcmFtZXRlcnMiOnsiZ2V0aG9zdG5hbWUiOnRydWV9fV0sInN5bnRheHZlcnNpb24iOjJ9","payloadType":"application/vnd.mig.action+json","signatures":[]}', 'inprogress', '2026-11-24 23:20:31.172+00', NULL);
INSERT INTO public.agents VALUES ('01a20fdc-6279-7c3c-8f00-68a6d64b110e', 'web1', 'linux.web1.01a20fdc-6284-791e-a2a8-4bd789b32894', 'daemon', '0.1.0', 1, '2026-01-01 00:00:00+00', '{"os": "linux", "arch": "amd64", "init": "systemd", "ident": "test", "modules": [], "addresses": [], "isproxied": false}', '{}', 'online', '01a20fdc-6284-7d6d-bdad-b2e8fb200b29', '2026-11-24 23:20:31.110283+00', '2026-11-24 23:20:31.110283+00', '2026-11-24 23:20:31.097+00', NULL);
INSERT INTO public.agents VALUES ('01a20fdc-629c-7bc3-9f4f-5854eae143bd', 'db1', 'linux.db1.01a20fdc-629c-71e2-8ff7-81264f0afcec', 'daemon', '0.1.0', 1, '2026-01-01 00:00:00+00', '{"os": "linux", "arch": "amd64", "init": "systemd", "ident": "test", "modules": [], "addresses": [], "isproxied": false}', '{}', 'offline', NULL, '2026-11-24 23:20:31.132+00', '2026-11-24 23:20:31.132+00', '2026-11-24 23:20:31.132+00', NULL);
INSERT INTO public.alerts VALUES ('01a20fdc-6378-75dc-bf98-0286904782c2', '01a20fdc-6279-7c3c-8f00-68a6d64b110e', 'fswatch', '2026-01-01 00:00:00+00', 'a file came', '{"path": "/etc/x"}', '2026-11-24 23:20:31.355693+00', 1);
INSERT INTO public.api_keys VALUES ('01a20fdc-635e-7a99-8d97-6af996c69af1', '01a20fdc-632f-797d-98ee-a6be3302c8d4', 'ci', 'b', '2026-11-24 23:20:31.326977+00', NULL, NULL);
INSERT INTO public.audit_log VALUES (1, '2026-11-24 23:20:31.379+00', 'Dana', 'logged in', 'Dana', '{}', '0000000000000000000000000000000000000000000000000000000000000000', '0c1412e44af38125178991f0543902618e453d4719a425769ee5e7c0d4f60ef8');
INSERT INTO public.audit_log VALUES (2, '2026-11-24 23:20:31.394+00', 'Dana', 'action launched', '01a20fdc-62a8-7dd6-b644-aae53dbb8a90', '{"name": "who is there", "nested": {"a": [null, "ü"], "b": 1}, "targeted": 2}', '0c1412e44af38125178991f0543902618e453d4719a425769ee5e7c0d4f60ef8', '35184dae408a54af40312598ce2fe266f258700466aa07a680acc64bb92dc74c');
INSERT INTO public.challenges VALUES ('01a20fdc-6368-740b-b53d-f1cfcb877b2a', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'c', '2999-01-01 00:00:00+00');
INSERT INTO public.commands VALUES ('01a20fdc-62cc-7e94-b4bd-f474f98874ae', '01a20fdc-62a8-7dd6-b644-aae53dbb8a90', '01a20fdc-629c-7bc3-9f4f-5854eae143bd', 'pending', NULL, '[]', false, NULL, NULL, NULL, 2);
INSERT INTO public.commands VALUES ('01a20fdc-62cb-7221-96b7-71f594f136cd', '01a20fdc-62a8-7dd6-b644-aae53dbb8a90', '01a20fdc-6279-7c3c-8f00-68a6d64b110e', 'success', '[{"errors": null, "success": true, "elements": {"x": 1}, "statistics": null, "foundanything": true}]', '[]', true, '2026-11-24 23:20:31.225574+00', '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00', 4);
INSERT INTO public.enrolment_tokens VALUES ('01a20fdc-636e-7928-9188-f5732c6cda58', 'web', 'd', '{"team": "web"}', 0, 3, '2999-01-01 00:00:00+00', '2026-11-24 23:20:31.347663+00', 'Dana');
INSERT INTO public.investigators VALUES ('01a20fdc-632f-797d-98ee-a6be3302c8d4', 'Dana', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'a public key', 'active', '["read", "launch", "admin"]', '2026-11-24 23:20:31.295758+00', '2026-11-24 23:20:31.295758+00');
INSERT INTO public.macros VALUES ('01a20fdc-632f-797d-98ee-a6be3302c8d4', 'web', 'name LIKE ''web%''');
INSERT INTO public.migrations VALUES (1, '2026-11-24 23:20:30.787017+00');
INSERT INTO public.sessions VALUES ('a', '01a20fdc-632f-797d-98ee-a6be3302c8d4', '2999-01-01 00:00:00+00');
INSERT INTO public.signatures VALUES ('01a20fdc-62a8-7dd6-b644-aae53dbb8a90', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'Dana', 0);
SELECT pg_catalog.setval('public.alerts_change_seq', 1, true);
SELECT pg_catalog.setval('public.commands_change_seq', 4, true);
ALTER TABLE ONLY public.actions
    ADD CONSTRAINT actions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_change_key UNIQUE (change);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (agentid, id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.challenges
    ADD CONSTRAINT challenges_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_actionid_agentid_key UNIQUE (actionid, agentid);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.enrolment_tokens
    ADD CONSTRAINT enrolment_tokens_hash_key UNIQUE (hash);
ALTER TABLE ONLY public.enrolment_tokens
    ADD CONSTRAINT enrolment_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.investigators
    ADD CONSTRAINT investigators_fingerprint_key UNIQUE (fingerprint);
ALTER TABLE ONLY public.investigators
    ADD CONSTRAINT investigators_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.macros
    ADD CONSTRAINT macros_pkey PRIMARY KEY (investigatorid, name);
ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.signatures
    ADD CONSTRAINT signatures_pkey PRIMARY KEY (actionid, fingerprint);
CREATE INDEX actions_open ON public.actions USING btree (expireafter) WHERE (status = ANY (ARRAY['pending'::text, 'inprogress'::text]));
CREATE INDEX agents_by_name ON public.agents USING btree (name, id);
CREATE INDEX agents_by_status ON public.agents USING btree (status, heartbeattime);
CREATE INDEX commands_by_change ON public.commands USING btree (actionid, change);
CREATE INDEX commands_by_status ON public.commands USING btree (actionid, status);
CREATE INDEX commands_owed ON public.commands USING btree (agentid) WHERE (status = ANY (ARRAY['pending'::text, 'sent'::text]));
CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER audit_log_only_grows BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_agentid_fkey FOREIGN KEY (agentid) REFERENCES public.agents(id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_investigatorid_fkey FOREIGN KEY (investigatorid) REFERENCES public.investigators(id);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_actionid_fkey FOREIGN KEY (actionid) REFERENCES public.actions(id);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_agentid_fkey FOREIGN KEY (agentid) REFERENCES public.agents(id);
ALTER TABLE ONLY public.macros
    ADD CONSTRAINT macros_investigatorid_fkey FOREIGN KEY (investigatorid) REFERENCES public.investigators(id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_investigatorid_fkey FOREIGN KEY (investigatorid) REFERENCES public.investigators(id);
ALTER TABLE ONLY public.signatures
    ADD CONSTRAINT signatures_actionid_fkey FOREIGN KEY (actionid) REFERENCES public.actions(id);
