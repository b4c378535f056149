import { z } from "zod";

const s3Names = ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const;

const environmentSchema = z
  .object({
    DATABASE_URL: z.string().min(1),
    REDIS_URL: z.string().min(1).optional(),
    BLOB_DIRECTORY: z.string().min(1).optional(),
    S3_ENDPOINT: z.url().optional(),
    S3_BUCKET: z.string().min(1).optional(),
    S3_ACCESS_KEY_ID: z.string().min(1).optional(),
    S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
    S3_REGION: z.string().min(1).default("us-east-1"),
    CROSSREAD_MASTER_KEY: z.string().min(1),
    NEXTAUTH_URL: z.url(),
    NEXTAUTH_SECRET: z.string().min(16),
    /** Files of one site that wait to be read; senders are told to wait when they fill it. */
    CROSSREAD_UPLOAD_STAGED_GIB: z.coerce.number<string>().positive().default(20),
    /** Files of one site that wait for a decision about their pixels; the worker refuses what comes beyond. */
    CROSSREAD_HELD_GIB: z.coerce.number<string>().positive().default(20),
    /** Where the worker listens for DICOM's own protocol, to be shown; off where it is absent. */
    CROSSREAD_DIMSE_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
    CROSSREAD_DEMO: z.enum(["0", "1"]).default("0"),
  })
  .superRefine((given, context) => {
    const needed = given.S3_ENDPOINT === undefined ? (["BLOB_DIRECTORY"] as const) : s3Names;
    for (const name of needed) {
      if (given[name] === undefined) {
        context.addIssue({ code: "custom", path: [name], message: "needed by the blob store" });
      }
    }
  });
export type Environment = z.infer<typeof environmentSchema>;

let parsed: Environment | undefined;

/** Parsed at first use, not at import: a build knows no environment. */
export function env(): Environment {
  if (parsed !== undefined) return parsed;
  // Compose files and shells hand over unset variables as empty strings.
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment of the web application is invalid: ${problems.join("; ")}`);
  }
  parsed = result.data;
  return parsed;
}

export const isDevelopment = () => process.env.NODE_ENV === "development";
