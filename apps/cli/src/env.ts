/** Variables that `doctor` reports on; empty ones count as absent. */
export interface CliEnvironment {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly s3Endpoint: string | undefined;
  readonly testDataDirectory: string | undefined;
}

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): CliEnvironment {
  const given = (name: string) => (variables[name] === "" ? undefined : variables[name]);
  return {
    databaseUrl: given("DATABASE_URL"),
    redisUrl: given("REDIS_URL"),
    s3Endpoint: given("S3_ENDPOINT"),
    testDataDirectory: given("CROSSREAD_TESTDATA"),
  };
}

/**
 * Environment of a computing process: glibc keeps freed memory, because giving it back after every step and faulting it
 * in again costs more than the step's element-wise operations.
 */
export function computingEnvironment(): NodeJS.ProcessEnv {
  const kept = String(512 * 1024 * 1024);
  return {
    ...process.env,
    MALLOC_TRIM_THRESHOLD_: kept,
    MALLOC_MMAP_THRESHOLD_: kept,
    MALLOC_TOP_PAD_: String(64 * 1024 * 1024),
  };
}

/** Environment of the baselines in Python: nothing is added, and no byte code is written beside the scripts. */
export const pythonEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, PYTHONDONTWRITEBYTECODE: "1" });
