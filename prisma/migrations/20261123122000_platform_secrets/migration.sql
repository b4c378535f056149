-- Secrets of the platform itself, sealed under the master key.
CREATE TABLE "platform_secrets" (
    "name" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "platform_secrets_pkey" PRIMARY KEY ("name")
);
