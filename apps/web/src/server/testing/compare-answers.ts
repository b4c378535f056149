export interface Answer {
  readonly name: string;
  readonly status: number;
  /** Status, headers and body, one byte a character. */
  readonly bytes: string;
}

/** Every write makes the database larger, a reading session lasts longer at every call, and workers show that they live. */
const measured =
  /"databaseBytes":\d+|"elapsedMs":\d+|"continuesAt":"[^"]+"|"lastSeenAt":"[^"]+"|"silentMs":\d+/g;

export async function answerOf(name: string, response: Response): Promise<Answer> {
  const body = await firstBytes(response);
  // A multipart answer draws its boundary anew.
  const boundary = /boundary="?([^";]+)/.exec(response.headers.get("content-type") ?? "")?.[1];
  const text = `${response.status}\n${JSON.stringify([...response.headers])}\n${body.replaceAll(measured, "")}`;
  return {
    name,
    status: response.status,
    bytes: boundary === undefined ? text : text.replaceAll(boundary, "boundary"),
  };
}

/** The whole body; of a stream that does not end, all up to its first value. */
async function firstBytes(response: Response): Promise<string> {
  if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) {
    // An archive may break off: its status was sent before its first file was made.
    const body = await response.arrayBuffer().catch(() => new ArrayBuffer());
    return Buffer.from(body).toString("latin1");
  }
  const reader = response.body?.getReader();
  let text = "";
  for (;;) {
    const part = await reader?.read().catch(() => undefined);
    if (part === undefined || part.done) return text;
    text += Buffer.from(part.value as Uint8Array).toString("latin1");
    // An event without a name is a value.
    const value = /(?:^|\n\n)data: .*\n\n/.exec(text);
    if (value === null) continue;
    await reader?.cancel();
    return text.slice(0, value.index + value[0].length);
  }
}

/** A text as it stands, in hexadecimal and in base64 at each of its three alignments. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // The first and last characters hold bits of the neighbours.
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [secret, bytes.toString("hex"), ...base64];
}

/** A score as it stands, in percent, and rounded to three digits: as a number of its own, not inside of a UID. */
function numberDisguises(score: string): RegExp[] {
  const value = Number(score);
  const rounded = [value.toFixed(4), value.toFixed(3), (value * 100).toFixed(2), (value * 100).toFixed(1)];
  return [score, ...rounded].map((text) => new RegExp(`(?<![\\d.])${text.replace(".", "\\.")}`));
}

export function leaks(answers: readonly Answer[], secrets: readonly string[]): string[] {
  const needles = secrets.flatMap((secret): (string | RegExp)[] =>
    /^0\.\d+$/.test(secret) ? numberDisguises(secret) : disguises(secret),
  );
  return answers.flatMap(({ name, bytes }) =>
    needles
      .filter((needle) => (typeof needle === "string" ? bytes.includes(needle) : needle.test(bytes)))
      .map((needle) => `${name}: ${needle}`),
  );
}

/** Where an answer differs from the one under the other truth, with what stands around. */
export function differences(inA: readonly Answer[], inB: readonly Answer[]): string[] {
  return inA.flatMap((a, index) => {
    const other = inB[index]?.bytes ?? "";
    if (a.bytes === other) return [];
    let at = 0;
    while (a.bytes[at] === other[at]) at++;
    const around = (text: string) => text.slice(Math.max(0, at - 60), at + 40);
    return [`${a.name}: …${around(a.bytes)}… and …${around(other)}…`];
  });
}
