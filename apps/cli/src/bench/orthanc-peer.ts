import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import { findFreePort } from "./free-port.ts";

const program = "/usr/sbin/Orthanc";
const plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

export interface OrthancPeer extends AsyncDisposable {
  readonly url: string;
  /** Instances that it holds. */
  count(): Promise<number>;
}

/** Debian's Orthanc as it comes, on a storage of its own; it also writes every file through to the disk. */
export async function startOrthanc(): Promise<OrthancPeer> {
  if (!existsSync(program) || !existsSync(plugin)) {
    throw new DomainError("engine-unavailable", "apt-get install orthanc orthanc-dicomweb.");
  }
  const directory = await mkdtemp(join(tmpdir(), "crossread-orthanc-"));
  const [httpPort, dicomPort] = [await findFreePort(), await findFreePort()];
  const storage = join(directory, "storage");
  const path = join(directory, "orthanc.json");
  await writeFile(
    path,
    JSON.stringify({
      HttpPort: httpPort,
      DicomPort: dicomPort,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      StorageDirectory: storage,
      IndexDirectory: storage,
      Plugins: [plugin],
    }),
  );
  const child = spawn(program, [path], { stdio: "ignore" });
  const base = `http://127.0.0.1:${httpPort}`;
  const statistics = async (): Promise<number | undefined> => {
    try {
      const answer: unknown = await (await fetch(`${base}/statistics`)).json();
      return typeof answer === "object" && answer !== null && "CountInstances" in answer
        ? Number(answer.CountInstances)
        : undefined;
    } catch {
      return undefined;
    }
  };
  for (let attempt = 0; (await statistics()) === undefined; attempt++) {
    if (attempt > 200 || child.exitCode !== null) {
      throw new DomainError("engine-unavailable", "Orthanc did not start.");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url: `${base}/dicom-web`,
    count: async () => (await statistics()) ?? 0,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
