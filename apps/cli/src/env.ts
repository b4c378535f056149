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
