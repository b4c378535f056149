/** Calls every named procedure with every input, as a curious person would; a refusal tells nothing. */
export async function askEverything(
  caller: object,
  question: {
    readonly names: readonly string[];
    readonly inputs: readonly unknown[];
    /** Texts that no answer of this procedure may hold. */
    readonly hiddenFrom: (name: string) => readonly string[];
  },
): Promise<{ answered: Set<string>; told: string[] }> {
  const answered = new Set<string>();
  const told: string[] = [];
  for (const name of question.names) {
    for (const input of question.inputs) {
      const output = await callByName(caller, name, input);
      if (output === undefined) continue;
      answered.add(name);
      const text = JSON.stringify(output);
      const leaks = question.hiddenFrom(name).filter((secret) => text.includes(secret));
      told.push(...leaks.map((secret) => `${name}: ${secret}`));
    }
  }
  return { answered, told };
}

/** Undefined where the procedure refuses the caller or the input. */
async function callByName(caller: object, name: string, input: unknown): Promise<unknown> {
  const [group = "", procedure = ""] = name.split(".");
  const call: unknown = Reflect.get(Object(Reflect.get(caller, group)), procedure);
  if (typeof call !== "function") throw new Error(`There is no procedure ${name}.`);
  try {
    return await (call as (input: unknown) => Promise<unknown>)(input);
  } catch {
    return undefined;
  }
}
