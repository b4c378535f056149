-- What a token of a site may do: bring studies in, or read those of its site.
ALTER TABLE "api_tokens" ADD COLUMN "scopes" TEXT[] NOT NULL DEFAULT ARRAY['write']::TEXT[];
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_scopes_check"
  CHECK (cardinality("scopes") > 0 AND "scopes" <@ ARRAY['read', 'write']::TEXT[]);
CREATE INDEX "api_tokens_site_id_idx" ON "api_tokens"("site_id");

-- The AE title under which a site's PACS reaches the platform.
CREATE TABLE "dimse_endpoints" (
    "site_id" UUID NOT NULL,
    "ae_title" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dimse_endpoints_pkey" PRIMARY KEY ("site_id")
);
CREATE UNIQUE INDEX "dimse_endpoints_ae_title_key" ON "dimse_endpoints"("ae_title");
ALTER TABLE "dimse_endpoints" ADD CONSTRAINT "dimse_endpoints_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Who may call it, and from where.
CREATE TABLE "dimse_peers" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "ae_title" TEXT NOT NULL,
    "address" TEXT NOT NULL,

    CONSTRAINT "dimse_peers_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "dimse_peers_site_id_ae_title_address_key" ON "dimse_peers"("site_id", "ae_title", "address");
ALTER TABLE "dimse_peers" ADD CONSTRAINT "dimse_peers_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "dimse_endpoints"("site_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Told in answers to searches; unknown of images that came in before.
ALTER TABLE "instances" ADD COLUMN "sop_class_uid" TEXT;
