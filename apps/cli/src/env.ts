import { allocatorSettings } from "@crossread/model/allocator-settings";

/** Variables that `doctor` reports on; empty ones count as absent. */
export interface CliEnvironment {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly s3Endpoint: string | undefined;
  readonly testDataDirectory: string | undefined;
  /** Of a site, for commands that send. */
  readonly token: string | undefined;
}

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): CliEnvironment {
  const given = (name: string) => (variables[name] === "" ? undefined : variables[name]);
  return {
    databaseUrl: given("DATABASE_URL"),
    redisUrl: given("REDIS_URL"),
    s3Endpoint: given("S3_ENDPOINT"),
    testDataDirectory: given("CROSSREAD_TESTDATA"),
    token: given("CROSSREAD_TOKEN"),
  };
}

/** Environment of a process that trains or predicts. */
export const computingEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, ...allocatorSettings });

/** Environment of the baselines in Python: nothing is added, and no byte code is written beside the scripts. */
export const pythonEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, PYTHONDONTWRITEBYTECODE: "1" });
